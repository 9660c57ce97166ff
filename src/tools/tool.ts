import type { z } from 'zod';
import type { JsonObject } from '../json.ts';

/** One tool that agents and the model may call. `run` may return anything: its result is encoded at once. */
export interface Tool {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  readonly parameters: z.ZodType<JsonObject>;
  run(args: JsonObject, call: ToolCallContext, signal: AbortSignal): Promise<unknown>;
}

export interface ToolCallContext {
  readonly userId: string;
  readonly runId: string;
  readonly callId: string;
}
