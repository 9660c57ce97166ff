import type { z } from 'zod';
import type { JsonObject } from '../json.ts';
import type { Tool, ToolCallContext } from './tool.ts';

/** A tool whose `run` is given arguments of its own schema: the dispatcher checks them before each call. */
export function defineTool<Schema extends z.ZodType<JsonObject>>(definition: {
  readonly name: string;
  readonly description: string;
  readonly parameters: Schema;
  run(args: z.output<Schema>, call: ToolCallContext, signal: AbortSignal): Promise<unknown>;
}): Tool {
  return {
    name: definition.name,
    description: definition.description,
    parameters: definition.parameters,
    run: (args, call, signal) => definition.run(args as z.output<Schema>, call, signal),
  };
}
