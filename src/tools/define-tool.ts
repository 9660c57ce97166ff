import { z } from 'zod';
import type { Json, JsonObject } from '../json.ts';
import type { Tool, ToolCallContext } from './tool.ts';

/** Parameters as JSON Schema. */
export function schemaOf(parameters: z.ZodType<JsonObject>): Json {
  return z.toJSONSchema(parameters) as unknown as Json;
}

/** A tool whose `run` is given arguments of its own schema: the dispatcher checks them before each call. */
export function defineTool<Schema extends z.ZodType<JsonObject>>(definition: {
  readonly name: string;
  readonly description: string;
  readonly parameters: Schema;
  readonly schema?: Json;
  run(args: z.output<Schema>, call: ToolCallContext, signal: AbortSignal): Promise<unknown>;
}): Tool {
  return {
    name: definition.name,
    description: definition.description,
    parameters: definition.parameters,
    schema: definition.schema ?? schemaOf(definition.parameters),
    run: (args, call, signal) => definition.run(args as z.output<Schema>, call, signal),
  };
}
