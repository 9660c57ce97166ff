import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { priceOf } from './model-prices.ts';

const count = z.number().int().min(0);
const rowsMax = 2_000;

/**
 * Exact statistics over model calls, given as columns: row i of each column is one call. Percentiles are
 * by nearest rank: the smallest value that at least p percent do not exceed.
 */
export const computeCostAndLatency = defineTool({
  name: 'compute_cost_and_latency',
  description:
    'Computes count, mean and percentiles of latency, and cost by model, in total and a month, over model calls given as columns of equal length.',
  // Compiled: thousands of numbers are looked at, one by one.
  parameters: z.compile(
    z
      .strictObject({
        /** When the first and the last call were made (ISO-8601); null where that is not known. */
        from: z.string().nullable(),
        to: z.string().nullable(),
        model: z.array(z.string().max(200)).max(rowsMax),
        latency_ms: z.array(z.number().min(0)).max(rowsMax),
        prompt_tokens: z.array(count).max(rowsMax),
        completion_tokens: z.array(count).max(rowsMax),
      })
      .refine(({ model, latency_ms, prompt_tokens, completion_tokens }) =>
        [latency_ms, prompt_tokens, completion_tokens].every((column) => column.length === model.length),
      ),
  ),
  async run(calls) {
    const hours = hoursBetween(calls.from, calls.to);
    const costs = costByModel(calls);
    const priced = costs.flatMap(({ usd }) => (usd === null ? [] : [usd]));
    // Without a single known price there is no cost to tell; with some, the unpriced models are named.
    const total = priced.length === 0 ? null : sum(priced);
    return {
      count: calls.model.length,
      latency_ms: {
        mean:
          calls.latency_ms.length === 0 ? null : round(sum(calls.latency_ms) / calls.latency_ms.length, 3),
        ...percentiles(calls.latency_ms),
      },
      tokens: { prompt: sum(calls.prompt_tokens), completion: sum(calls.completion_tokens) },
      cost: {
        by_model: costs.map(({ model, calls, usd }) => ({ model, calls, usd: usd && round(usd, 6) })),
        total_usd: total === null ? null : round(total, 6),
        unpriced_models: costs.filter(({ usd }) => usd === null).map(({ model }) => model),
      },
      calls_per_hour: hours === null ? null : round(calls.model.length / hours, 3),
      monthly_usd: total === null || hours === null ? null : round((total * hoursPerMonth) / hours, 2),
    };
  },
});

const hoursPerMonth = 30 * 24;

interface Calls {
  readonly model: readonly string[];
  readonly prompt_tokens: readonly number[];
  readonly completion_tokens: readonly number[];
}

function costByModel(calls: Calls): { model: string; calls: number; usd: number | null }[] {
  const byModel = new Map<string, { calls: number; usd: number | null }>();
  for (const [row, model] of calls.model.entries()) {
    const price = priceOf(model);
    const before = byModel.get(model) ?? { calls: 0, usd: price && 0 };
    const usd =
      price &&
      ((calls.prompt_tokens[row] ?? 0) * price.prompt +
        (calls.completion_tokens[row] ?? 0) * price.completion) /
        1_000_000;
    byModel.set(model, {
      calls: before.calls + 1,
      usd: before.usd === null || usd === null ? null : before.usd + usd,
    });
  }
  return [...byModel].map(([model, cost]) => ({ model, ...cost }));
}

function percentiles(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? null;
  return { p50: at(50), p95: at(95), p99: at(99) };
}

/** Null where the span is not known or nothing lies in it. */
function hoursBetween(from: string | null, to: string | null): number | null {
  const ms = from === null || to === null ? Number.NaN : Date.parse(to) - Date.parse(from);
  return ms > 0 ? ms / 3_600_000 : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
