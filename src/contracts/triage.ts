import { z } from 'zod';
import { metadata, priorities, share, sufficiencies, texts } from './shared.ts';

export const triageCategories = [
  'Workload Analysis',
  'Cost Optimization',
  'Performance Optimization',
  'Model Selection',
  'Configuration & Settings',
  'Monitoring & Reporting',
  'Synthetic Data',
  'Corpus Management',
  'General Request',
] as const;

export const triageIntent = z.strictObject({
  primary_intent: z.string(),
  secondary_intents: texts,
  action_required: z.boolean(),
  confidence: share,
});

export const triageEntities = z.strictObject({
  models: texts,
  metrics: texts,
  time_ranges: texts,
  thresholds: texts,
  targets: texts,
  providers: texts,
  regions: texts,
  services: texts,
  raw_values: z.record(z.string(), z.string()),
});

export const triageTools = z.strictObject({
  primary_tools: texts,
  secondary_tools: texts,
  tool_scores: z.record(z.string(), share),
});

/** What is asked, and whether there is enough to answer it from. */
export const triageResult = z.strictObject({
  success: z.literal(true),
  category: z.enum(triageCategories),
  sub_category: z.string(),
  priority: z.enum(priorities),
  complexity: z.enum(['high', 'medium', 'low']),
  confidence_score: share,
  data_sufficiency: z.enum(sufficiencies),
  intent: triageIntent,
  entities: triageEntities,
  tools: triageTools,
  next_steps: texts,
  next_agents: texts,
  metadata,
});
