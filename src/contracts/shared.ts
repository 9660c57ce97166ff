import { z } from 'zod';

/** What every agent's result says of how it came about. */
export const metadata = z.strictObject({
  /** A value from the model's answer that only the model could know; absent where it gave none. */
  model_proof: z.string().exactOptional(),
  /** Ids of the tool calls that the result rests on. */
  tool_calls: z.array(z.string()),
});

export const sufficiencies = ['sufficient', 'partial', 'insufficient', 'unknown'] as const;
export const priorities = ['critical', 'high', 'medium', 'low'] as const;

/** A share: 0 none, 1 all. */
export const share = z.number().min(0).max(1);
export const texts = z.array(z.string());
