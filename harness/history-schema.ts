import { z } from 'zod';
import type { Json } from './history.ts';

/**
 * What a line of a history file may hold, as a schema: the types are in `history.ts`, and `history-file.ts`
 * does not compile where the two differ.
 */
const text = z.string();
const count = z.number().int().min(0);
const user = text.min(1);
const run = text.min(1);
/** Whatever JSON.parse gave: its depth and keys were checked before. */
const json = z.custom<Json>((value) => value !== undefined, 'Missing');
const path = z.array(z.union([z.string(), z.number().int().min(0)]));
const poisoned = z.array(
  z.strictObject({
    path,
    recipe: text,
    data: json.exactOptional(),
    foreign: z.array(path).exactOptional(),
    disguised: z.array(path).exactOptional(),
    carries: z.array(z.union([z.string(), z.number()])).exactOptional(),
  }),
);

const frame = {
  seq: z.number().int().min(1),
  at: z.number().min(0),
  actor: text,
  message: text.exactOptional(),
  parent: z.number().int().min(1).exactOptional(),
};

const connection = { user, connection: text };
const call = { user, run, tool: text, call: text };
const agent = { user, run, agent: text };

export const historyEventSchema = z.discriminatedUnion('type', [
  event('case-started', {
    scenario: text,
    seed: z.number().int(),
    world: text,
    planned: z.strictObject({
      asks: z.array(z.strictObject({ user, run })),
      faults: count,
      contaminations: count,
      canaries: z.array(z.strictObject({ user, value: text.min(1) })).exactOptional(),
    }),
    startup: z.strictObject({ environment: text, degraded: z.boolean() }).exactOptional(),
    bounds: z.strictObject({
      runMs: z.number().min(0),
      agentMs: z.number().min(0).exactOptional(),
      peerMs: z.number().min(0).exactOptional(),
      borneMs: z.number().min(0).exactOptional(),
      returnMs: z.number().min(0).exactOptional(),
      runBytes: count.exactOptional(),
      processBytes: count.exactOptional(),
      unreadBytes: count.exactOptional(),
      runsPerUser: count.exactOptional(),
      messageBurst: count.exactOptional(),
      messagesPerSecond: count.exactOptional(),
      earlyMessages: count.exactOptional(),
      startMs: z.number().min(0).exactOptional(),
      knownMs: z.number().min(0).exactOptional(),
      refusedMs: z.number().min(0).exactOptional(),
    }),
  }),
  event('case-ended', { reason: z.enum(['quiet', 'out-of-time']) }),
  event('connection-opened', connection),
  event('connection-refused', { ...connection, status: count, code: text.exactOptional() }),
  event('stopped-reading', connection),
  event('reads-again', connection),
  event('connection-closed', {
    ...connection,
    code: count,
    reason: text,
    by: z.enum(['user', 'other']),
  }),
  event('knocked', { ...connection, entitled: z.boolean(), leaves: z.boolean(), shows: json }),
  event('fell-silent', connection),
  event('sent', { ...connection, frame: json }),
  event('seen', { ...connection, frame: json.exactOptional(), text: text.exactOptional() }),
  event('confirmed', { user, run, sequence: count }),
  event('gave-up', { user, run, afterMs: z.number().min(0) }),
  event('passed', { bytes: count.exactOptional() }),
  event('fault-fired', { fault: count, name: text, fate: json }),
  event('constraint-holds', { constraint: count, atMostMs: z.number().min(0) }),
  event('fault-ended', { fault: count, name: text }),
  z.strictObject({ ...frame, type: z.enum(['constraint-met', 'constraint-expired']), constraint: count }),
  event('fault-skipped', { fault: count, name: text, why: text }),
  event('prompted', { ...agent, messages: json, tools: z.array(text) }),
  event('answered', { ...agent, proof: text, outcome: text }),
  event('tool-called', { ...call, arguments: json }),
  event('tool-returned', { ...call, clean: json, poisoned }),
  event('tool-failed', { ...call, code: text }),
  event('agent-asked', { ...agent, input: json, live: z.literal(true).exactOptional() }),
  event('agent-returned', { ...agent, clean: json, poisoned }),
  event('agent-failed', { ...agent, code: text }),
  event('foreign-code-ran', { user, run, producer: text, path, recipe: text, code: text }),
  event('stored', {
    store: z.literal('redis'),
    key: text,
    road: z.enum(['cache', 'persistence', 'events', 'delivery', 'unknown']),
    user: user.exactOptional(),
    run: run.exactOptional(),
    agent: text.exactOptional(),
    json: json.exactOptional(),
    text: text.exactOptional(),
    truncated: z.literal(true).exactOptional(),
    expires: z.boolean(),
  }),
  event('process-started', { process: text, instance: count }),
  event('process-exited', {
    process: text,
    instance: count,
    cause: z.enum(['asked', 'crashed', 'killed', 'refused']),
    code: text,
  }),
  event('measured', { what: z.literal('memory'), process: text, bytes: count }),
  event('start-refused', { process: text, instance: count, names: z.array(text) }),
  event('health', { probe: z.enum(['ready', 'health']), status: count, body: json }),
  event('logged', {
    level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    says: text,
    code: text.exactOptional(),
    user: user.exactOptional(),
    run: run.exactOptional(),
    words: z.array(text),
  }),
  event('metric', { name: text, labels: z.record(z.string(), z.string()), value: z.number() }),
]);

function event<const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.strictObject({ ...frame, ...shape, type: z.literal(type) });
}
