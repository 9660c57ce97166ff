import { z } from 'zod';
import type { AgentInput, AgentName, ModelRequest } from '../../agents/agent.ts';
import { catalogue, type ErrorCode } from '../../errors.ts';
import type { Json } from '../../json.ts';

/**
 * What is said between the gateway and a room in which an agent runs, as JSON text. What comes out of a room
 * may have been written by the agent itself: it is held against its schema before anybody believes it.
 */
export type ToRoom =
  | {
      readonly do: 'run';
      readonly source: AgentSource;
      readonly agent: AgentName;
      readonly input: AgentInput;
    }
  /** The answer to a call of the agent's. */
  | { readonly do: 'settle'; readonly call: number; readonly value: unknown }
  | { readonly do: 'refuse'; readonly call: number; readonly code: ErrorCode; readonly detail?: string };

/** An agent that can be made anywhere: the class that a module exports, and what its constructor is given. */
export interface AgentSource {
  /** A file URL. */
  readonly module: string;
  readonly export: string;
  readonly options?: Json;
}

const errorCode = z.custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(catalogue, code));
const json = z.json() as z.ZodType<Json>;
const record = z.record(z.string(), json);

const modelRequest: z.ZodType<ModelRequest> = z.strictObject({
  messages: z.array(
    z.union([
      z.strictObject({ role: z.enum(['system', 'user']), content: z.string() }),
      z.strictObject({
        role: z.literal('assistant'),
        content: z.string(),
        toolCalls: z
          .array(z.strictObject({ id: z.string(), name: z.string(), arguments: record }))
          .exactOptional(),
      }),
      z.strictObject({ role: z.literal('tool'), toolCallId: z.string(), content: z.string() }),
    ]),
  ),
  tools: z.array(z.string()).exactOptional(),
});

const alteration = z.strictObject({
  path: z.array(z.union([z.string(), z.number()])),
  kind: z.enum(['lost', 'changed', 'refused', 'cut']),
  reason: z.string().max(200),
});

const call = z.number().int().min(1);

export const fromRoom = z.discriminatedUnion('did', [
  z.strictObject({ did: z.literal('load') }),
  z.strictObject({ did: z.literal('create') }),
  z.strictObject({ did: z.literal('ask-model'), call, request: modelRequest }),
  z.strictObject({
    did: z.literal('call-tool'),
    call,
    // A model may ask for anything: that there is no such tool is for the tools to say, as in every place.
    name: z.string(),
    args: record,
    id: z.string().exactOptional(),
  }),
  z.strictObject({ did: z.literal('think'), call, reasoning: z.string() }),
  z.strictObject({ did: z.literal('dispose'), told: z.string().max(10_000).exactOptional() }),
  z.strictObject({ did: z.literal('return'), text: z.string(), account: z.array(alteration).max(2_000) }),
  z.strictObject({
    did: z.literal('fail'),
    code: errorCode,
    detail: z.string().max(1_000).exactOptional(),
    /** What was thrown, for the log. */
    told: z.string().max(10_000),
  }),
]);
export type FromRoom = z.output<typeof fromRoom>;
