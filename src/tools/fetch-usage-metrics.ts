import { z } from 'zod';
import type { UsageSource } from '../ports.ts';
import { defineTool, schemaOf } from './define-tool.ts';
import type { Tool } from './tool.ts';

/**
 * The calling user's own usage records. Whose they are comes from the call, never from its arguments, so
 * no model and no user can ask for somebody else's.
 */
export function fetchUsageMetrics(usage: UsageSource): Tool {
  return defineTool({
    name: 'fetch_usage_metrics',
    description: "Fetches the records of the user's own model calls: time, model, latency, tokens.",
    parameters: none,
    schema: noneSchema,
    async run(_args, { userId, runId }, signal) {
      const records = await usage.fetch({ userId, runId }, signal);
      const newest = records.slice(-recordsMax);
      return {
        records: newest.map(({ id, at, model, latencyMs, promptTokens, completionTokens }) => ({
          id,
          at,
          model,
          latency_ms: latencyMs,
          prompt_tokens: promptTokens,
          completion_tokens: completionTokens,
        })),
        /** Older records that were left out, so that nobody takes a part for the whole. */
        records_left_out: records.length - newest.length,
      };
    },
  });
}

const none = z.strictObject({});
const noneSchema = schemaOf(none);

const recordsMax = 2_000;
