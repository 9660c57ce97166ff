import fc from 'fast-check';
import type { Pattern } from '../message.ts';
import type { ProcessFate } from '../process-fault.ts';

/** A kind of message, and how often a usual run has one: what befalls a process comes at the n-th of them. */
export interface Moment extends Omit<Pattern, 'user' | 'run' | 'count'> {
  readonly times: number;
}

/** A fault on a process before it was bound to one run, or, where the message names no run (upgrades), to its user. */
export interface ProcessFaultDraft {
  /** Absent: `run`. */
  readonly of?: 'user';
  readonly at: Omit<Pattern, 'user' | 'run'>;
  readonly fate: ProcessFate;
}

/** From the first word of a run to its last, on every wire; in the order in which a run comes to them. */
export const moments: readonly [Moment, ...Moment[]] = [
  { wire: 'client', direction: 'request', kind: 'start_agent', times: 1 },
  { wire: 'redis', direction: 'request', kind: 'set.delivery', times: 2 },
  { wire: 'redis', direction: 'request', kind: 'xadd.events', times: 17 },
  { wire: 'redis', direction: 'reply', kind: 'xadd.events', times: 17 },
  { wire: 'client', direction: 'reply', kind: 'agent_started', times: 5 },
  { wire: 'model', direction: 'request', times: 2 },
  { wire: 'model', direction: 'reply', times: 4 },
  { wire: 'client', direction: 'reply', kind: 'agent_thinking', times: 5 },
  { wire: 'tool', direction: 'request', times: 1 },
  { wire: 'client', direction: 'reply', kind: 'tool_executing', times: 1 },
  { wire: 'client', direction: 'reply', kind: 'agent_completed', times: 5 },
  { wire: 'redis', direction: 'request', kind: 'set.state', times: 3 },
  { wire: 'client', direction: 'reply', kind: 'run_completed', times: 1 },
];

/** A connection comes in: what is looked at before anybody is let in. */
export const entrances: readonly [Moment, ...Moment[]] = [
  { wire: 'redis', direction: 'request', kind: 'exists.revoked', times: 3 },
  { wire: 'redis', direction: 'reply', kind: 'exists.revoked', times: 3 },
  { wire: 'client', direction: 'request', kind: 'upgrade', times: 1 },
  { wire: 'client', direction: 'reply', kind: 'upgrade', times: 1 },
];

/** The same faults, at messages of the user and of no run. */
export function ofUser(drafts: fc.Arbitrary<ProcessFaultDraft>): fc.Arbitrary<ProcessFaultDraft> {
  return drafts.map((draft) => ({ ...draft, of: 'user' }));
}

/** The gateway is killed at one of these moments. Shrinks towards the first moment, and a gateway that is back at once. */
export function gatewayKilled(...at: readonly [Moment, ...Moment[]]): fc.Arbitrary<ProcessFaultDraft> {
  return drafts(
    at,
    fc.integer({ min: 0, max: 2_000 }).map((backAfterMs) => ({ do: 'kill-gateway', backAfterMs })),
  );
}

/** Redis is killed at one of these moments. Shrinks towards one that is back at once, with its data. */
export function redisKilled(...at: readonly [Moment, ...Moment[]]): fc.Arbitrary<ProcessFaultDraft> {
  return drafts(
    at,
    fc
      .record({
        data: fc.constantFrom<'kept' | 'lost'>('kept', 'lost'),
        backAfterMs: fc.integer({ min: 0, max: 1_000 }),
      })
      .map(({ data, backAfterMs }) => ({ do: 'kill-redis', backAfterMs, data })),
  );
}

/** Redis stands still, takes no writes or has no memory left for a time. Shrinks towards a short stall. */
export function redisAils(...at: readonly [Moment, ...Moment[]]): fc.Arbitrary<ProcessFaultDraft> {
  return drafts(
    at,
    fc
      .record({
        does: fc.constantFrom<'stall-redis' | 'read-only-redis' | 'fill-redis'>(
          'stall-redis',
          'read-only-redis',
          'fill-redis',
        ),
        ms: fc.integer({ min: 1, max: 1_500 }),
      })
      .map(({ does, ms }) => ({ do: does, ms })),
  );
}

/** The gateway's clock jumps, at most half an hour: less than users' tokens are good for. Shrinks towards no jump. */
export function clockJumps(...at: readonly [Moment, ...Moment[]]): fc.Arbitrary<ProcessFaultDraft> {
  return drafts(
    at,
    fc.integer({ min: -1_800_000, max: 1_800_000 }).map((byMs) => ({ do: 'jump-clock', byMs })),
  );
}

function drafts(
  at: readonly [Moment, ...Moment[]],
  fate: fc.Arbitrary<ProcessFate>,
): fc.Arbitrary<ProcessFaultDraft> {
  return fc
    .record({ moment: fc.constantFrom(...at), nth: fc.nat(59), fate })
    .map(({ moment: { times, ...kind }, nth, fate }) => ({
      at: { ...kind, count: 1 + (nth % times) },
      fate,
    }));
}
