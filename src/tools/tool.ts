import type { z } from 'zod';
import type { Json, JsonObject } from '../json.ts';

/** One tool that agents and the model may call. `run` may return anything: its result is encoded at once. */
export interface Tool {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  readonly parameters: z.ZodType<JsonObject>;
  /** The parameters as JSON Schema, for the model. Default: made of `parameters`, for each pipeline anew. */
  readonly schema?: Json;
  run(args: JsonObject, call: ToolCallContext, signal: AbortSignal): Promise<unknown>;
}

export interface ToolCallContext {
  readonly userId: string;
  readonly runId: string;
  readonly callId: string;
}
