import fc from 'fast-check';
import type { Fault } from '../fault.ts';
import type { Pattern } from '../message.ts';

/** A fault before it was bound: to one run, or, where the message names no run (cache keys, upgrades), to its user. */
export interface FaultDraft {
  readonly of: 'run' | 'user';
  readonly at: Omit<Pattern, 'user' | 'run'>;
  readonly fate: Fault['fate'];
}

/** One of these agents throws. Shrinks towards the first named. */
export function agentThrows(...agents: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  return fc.constantFrom(...agents).map((agent) => ({
    of: 'run',
    at: { wire: 'agent', direction: 'request', kind: agent, count: 1 },
    fate: { do: 'fail', error: 'AgentCrashed' },
  }));
}

/** One of these tools throws at its first or second call. */
export function toolThrows(...tools: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  return fc
    .record({ tool: fc.constantFrom(...tools), count: fc.integer({ min: 1, max: 2 }) })
    .map(({ tool, count }) => ({
      of: 'run',
      at: { wire: 'tool', direction: 'request', kind: tool, count },
      fate: { do: 'fail', error: 'ToolCrashed' },
    }));
}

/** The model refuses, breaks off or is late for one of these agents. */
export function modelFails(...agents: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  const refuses: fc.Arbitrary<Fault['fate']> = fc
    .constantFrom('500', '429', '503')
    .map((error) => ({ do: 'fail', error }));
  return fc
    .record({ kind: fc.constantFrom(...agents), fate: fc.oneof(refuses, cuts, delays) })
    .map(({ kind, fate }) => ({
      of: 'run',
      at: { wire: 'model', direction: 'request', kind, count: 1 },
      fate,
    }));
}

/** Redis fails, breaks off or is late at one of these messages (`xadd.events`, `get.cache.triage`). */
export function redisFails(...kinds: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  const refuses = fc.constant<Fault['fate']>({
    do: 'fail',
    error: 'LOADING Redis is loading the dataset in memory',
  });
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      count: fc.integer({ min: 1, max: 8 }),
      fate: fc.oneof(refuses, cuts, delays),
    })
    .map(({ kind, count, fate }) => ({
      of: kind.includes('.cache.') ? 'user' : 'run',
      at: { wire: 'redis', direction: 'request', kind, count },
      fate,
    }));
}

/** The user's connection breaks at one of these frames from the server (`agent_completed`). */
export function clientCut(...frames: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  return fc
    .record({ kind: fc.constantFrom(...frames), count: fc.integer({ min: 1, max: 5 }), fate: cuts })
    .map(({ kind, count, fate }) => ({
      of: 'run',
      at: { wire: 'client', direction: 'reply', kind, count },
      fate,
    }));
}

/**
 * Something befalls the user's connection at one of these frames from or to the server: from bytes that come
 * apart, over a stall and an orderly end, to a peer that is gone and nobody told. Shrinks towards the mildest.
 */
export function connectionDisturbed(
  direction: 'request' | 'reply',
  ...frames: readonly [string, ...string[]]
): fc.Arbitrary<FaultDraft> {
  const fate = fc.oneof<fc.Arbitrary<Fault['fate']>[]>(
    fc.integer({ min: 2, max: 5 }).map((pieces) => ({ do: 'split', pieces })),
    fc.integer({ min: 2, max: 5 }).map((count) => ({ do: 'fragment', frames: count })),
    fc.integer({ min: 1, max: 1_000 }).map((ms) => ({ do: 'stall', ms })),
    fc.constantFrom(1000, 1001, 1011, 1012).map((code) => ({ do: 'close', code })),
    fc.constantFrom<'before' | 'after'>('before', 'after').map((when) => ({ do: 'cut', when, by: 'fin' })),
    cuts,
    fc.constantFrom<'this' | 'both'>('this', 'both').map((swallows) => ({ do: 'half-open', swallows })),
  );
  return fc
    .record({ kind: fc.constantFrom(...frames), count: fc.integer({ min: 1, max: 5 }), fate })
    .map(({ kind, count, fate }) => ({
      of: kind === 'upgrade' ? 'user' : 'run',
      at: { wire: 'client', direction, kind, count: Math.min(count, timesOf[kind] ?? count) },
      fate,
    }));
}

/** Of these a usual run, or a connection, has no more. */
const timesOf: { readonly [kind: string]: number } = {
  upgrade: 1,
  start_agent: 1,
  run_accepted: 1,
  run_completed: 1,
  event_confirmation: 2,
  tool_executing: 3,
  tool_completed: 3,
};

const cuts: fc.Arbitrary<Fault['fate']> = fc
  .constantFrom<'before' | 'after'>('before', 'after')
  .map((when) => ({ do: 'cut', when }));

/** Late, yet within every deadline. */
const delays: fc.Arbitrary<Fault['fate']> = fc
  .integer({ min: 1, max: 300 })
  .map((ms) => ({ do: 'delay', ms }));
