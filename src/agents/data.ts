import { z } from 'zod';
import { analysisTypes, opportunity, severities } from '../contracts/data.ts';
import { texts } from '../contracts/shared.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Agent, AgentInput, AgentMeans } from './agent.ts';
import { askModel } from './ask-model.ts';
import { callTool } from './call-tool.ts';
import { listAt, numberAt, objectAt, textAt } from './handed-in.ts';

/** Reads the user's own records, computes what they show, and has the model say what it means. */
export class DataAgent implements Agent {
  static readonly agentName = 'data';

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    await means.emit.thinking('Reading the usage records and computing cost and latency.');
    const fetched = await callTool(means, input, 'data', 'fetch_usage_metrics', {});
    const computed = await callTool(
      means,
      input,
      'data',
      'compute_cost_and_latency',
      columnsOf(fetched.outcome.data),
    );
    const { words, proof, toolCalls } = await askModel({
      agent: 'data',
      input,
      means,
      instruction,
      words: dataWords,
      toolResults: { compute_cost_and_latency: computed.outcome },
      tools: ['fetch_usage_metrics', 'compute_cost_and_latency', 'look_up_model_prices'],
    });
    const figures = figuresOf(computed.outcome.data);
    return {
      ...figures,
      potential_savings: savings(figures.current_monthly_cost, words.opportunities),
      ...words,
      metadata: { ...proof, tool_calls: [fetched.id, computed.id, ...toolCalls] },
    };
  }
}

const list = texts.default([]);

const dataWords = z.object({
  analysis_type: z.enum(analysisTypes).default('usage_pattern'),
  trends: list,
  insights: texts,
  recommendations: list,
  anomalies: list,
  severity: z.enum(severities).default('none'),
  opportunities: z.array(opportunity).default([]),
});

/** The records as columns; a record of which encoding left nothing usable is passed over. */
function columnsOf(data: Json): JsonObject {
  const records = listAt(isJsonObject(data) ? data : {}, 'records')
    .filter(isJsonObject)
    .flatMap((record) => {
      const model = textAt(record, 'model');
      const latency = numberAt(record, 'latency_ms');
      const prompt = numberAt(record, 'prompt_tokens');
      const completion = numberAt(record, 'completion_tokens');
      if (model === null || latency === null || prompt === null || completion === null) return [];
      return [{ at: textAt(record, 'at'), model, latency, prompt, completion }];
    });
  return {
    from: records.at(0)?.at ?? null,
    to: records.at(-1)?.at ?? null,
    model: records.map(({ model }) => model),
    latency_ms: records.map(({ latency }) => latency),
    prompt_tokens: records.map(({ prompt }) => prompt),
    completion_tokens: records.map(({ completion }) => completion),
  };
}

function figuresOf(data: Json) {
  const computed = isJsonObject(data) ? data : {};
  const latency = objectAt(computed, 'latency_ms');
  const costs = listAt(objectAt(computed, 'cost'), 'by_model').filter(isJsonObject);
  return {
    metrics: {
      avg_latency: numberAt(latency, 'mean'),
      percentiles: {
        p50: numberAt(latency, 'p50'),
        p95: numberAt(latency, 'p95'),
        p99: numberAt(latency, 'p99'),
      },
      avg_throughput: numberAt(computed, 'calls_per_hour'),
      total_requests: numberAt(computed, 'count') ?? 0,
    },
    cost_by_model: Object.fromEntries(
      costs.flatMap((cost) => {
        const model = textAt(cost, 'model');
        return model === null ? [] : [[model, numberAt(cost, 'usd')]];
      }),
    ),
    current_monthly_cost: numberAt(computed, 'monthly_usd'),
  };
}

/** What the best single opportunity would save a month: their shares do not add up. */
function savings(
  monthly: number | null,
  opportunities: readonly { readonly potential_savings_percent: number }[],
): number | null {
  if (monthly === null || opportunities.length === 0) return null;
  const best = Math.max(...opportunities.map(({ potential_savings_percent: percent }) => percent));
  return Math.round(monthly * best) / 100;
}

const instruction = `You analyse usage records of AI workloads. The user message is JSON: "request" is what the user asks, "results" what others found, "tool_results" exact figures computed over the user's own records. Never invent figures: the computed ones are shown beside your words.
Answer with one JSON object and nothing else:
{"analysis_type": one of ${JSON.stringify(analysisTypes)}, "insights": [text], "trends": [text], "recommendations": [text], "anomalies": [text], "severity": one of ${JSON.stringify(severities)}, "opportunities": [{"type": text, "description": text, "potential_savings_percent": 0..100, "effort": "low"|"medium"|"high"}]}`;
