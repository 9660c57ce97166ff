import { z } from 'zod';
import { metadata, texts } from './shared.ts';

export const analysisTypes = [
  'performance',
  'anomaly',
  'correlation',
  'usage_pattern',
  'cost_optimization',
] as const;

export const severities = ['none', 'low', 'medium', 'high', 'critical'] as const;

export const opportunity = z.strictObject({
  type: z.string(),
  description: z.string(),
  potential_savings_percent: z.number().min(0).max(100),
  effort: z.enum(['low', 'medium', 'high']),
});

/** Null where the records do not tell. */
const figure = z.number().nullable();

/** What the user's own records show: figures are computed, words are the model's. */
export const dataResult = z.strictObject({
  analysis_type: z.enum(analysisTypes),
  metrics: z.strictObject({
    /** Milliseconds. */
    avg_latency: figure,
    percentiles: z.strictObject({ p50: figure, p95: figure, p99: figure }),
    /** Requests an hour. */
    avg_throughput: figure,
    total_requests: z.number().int().min(0),
  }),
  /** US dollars at list prices, by model; null for a model without a known price. */
  cost_by_model: z.record(z.string(), figure),
  current_monthly_cost: figure,
  potential_savings: figure,
  trends: texts,
  insights: texts,
  recommendations: texts,
  anomalies: texts,
  severity: z.enum(severities),
  opportunities: z.array(opportunity),
  metadata,
});
