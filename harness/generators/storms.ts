import fc from 'fast-check';
import type { Case } from '../case.ts';
import type { Fault } from '../fault.ts';
import { connectionDisturbed, type FaultDraft } from './faults.ts';
import { framesDisturbed } from './frame-faults.ts';
import {
  clockJumps,
  gatewayKilled,
  moments,
  type ProcessFaultDraft,
  redisAils,
  redisKilled,
} from './process-faults.ts';
import type { Disturbance } from './workload.ts';

/** Everything that can befall the way from an agent to its user: connections, the store, processes; at most three things at once. */
export function storms(): Required<Pick<Disturbance, 'faults' | 'process' | 'secondGateway'>> {
  return {
    faults: fc.array(disturbed, { maxLength: 2 }),
    process: fc.array(befallen, { maxLength: 2 }),
    secondGateway: fc.constantFrom<Case['secondGateway']>(undefined, 'stands-by', 'takes-turns'),
  };
}

const shown = [
  'agent_started',
  'agent_thinking',
  'tool_executing',
  'tool_completed',
  'agent_completed',
  'run_completed',
] as const;

/** Frames to the user come with their bytes damaged, and so do the user's. */
const garbled: fc.Arbitrary<FaultDraft> = fc
  .constantFrom<{ direction: 'request' | 'reply'; kind: string }>(
    { direction: 'reply', kind: 'agent_thinking' },
    { direction: 'reply', kind: 'agent_completed' },
    { direction: 'reply', kind: 'run_completed' },
    { direction: 'request', kind: 'event_confirmation' },
    { direction: 'request', kind: 'start_agent' },
  )
  .map((at) => ({ of: 'run', at: { wire: 'client', ...at, count: 1 }, fate: { do: 'garble' } }));

/** Redis is cut off, falls silent, stands still, refuses, is late, or is asked twice, at one of a run's commands. */
const storeDisturbed: fc.Arbitrary<FaultDraft> = fc
  .record({
    place: fc.oneof(
      fc.record({ kind: fc.constant('xadd.events'), count: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('set.delivery'), count: fc.integer({ min: 1, max: 2 }) }),
      fc.record({ kind: fc.constant('set.state'), count: fc.constant(1) }),
    ),
    what: fc.oneof(
      fc
        .integer({ min: 1, max: 300 })
        .map((ms) => ({ direction: 'request' as const, fate: { do: 'delay' as const, ms } })),
      fc
        .constantFrom<'request' | 'reply'>('request', 'reply')
        .map((direction) => ({ direction, fate: { do: 'split' as const, pieces: 3 } })),
      fc.constant({ direction: 'request' as const, fate: { do: 'duplicate' as const } }),
      fc.constant({
        direction: 'request' as const,
        fate: { do: 'fail' as const, error: 'LOADING Redis is loading the dataset in memory' },
      }),
      fc
        .record({
          direction: fc.constantFrom<'request' | 'reply'>('request', 'reply'),
          when: fc.constantFrom<'before' | 'after'>('before', 'after'),
        })
        .map(({ direction, when }) => ({ direction, fate: { do: 'cut' as const, when } })),
      fc
        .record({
          direction: fc.constantFrom<'request' | 'reply'>('request', 'reply'),
          ms: fc.integer({ min: 1, max: 1_500 }),
        })
        .map(({ direction, ms }) => ({ direction, fate: { do: 'stall' as const, ms } })),
      fc.record({
        direction: fc.constantFrom<'request' | 'reply'>('request', 'reply'),
        fate: fc.constantFrom<Fault['fate']>(
          { do: 'drop' },
          { do: 'half-open', swallows: 'this' },
          { do: 'half-open', swallows: 'both' },
        ),
      }),
    ),
  })
  .map(({ place, what: { direction, fate } }) => ({
    of: 'run',
    at: { wire: 'redis', direction, ...place },
    fate,
  }));

const disturbed: fc.Arbitrary<FaultDraft> = fc.oneof(
  framesDisturbed(...shown),
  connectionDisturbed('reply', ...shown),
  connectionDisturbed('request', 'start_agent', 'event_confirmation', 'upgrade'),
  garbled,
  storeDisturbed,
);

const befallen: fc.Arbitrary<ProcessFaultDraft> = fc.oneof(
  gatewayKilled(...moments),
  redisKilled(...moments),
  redisAils(...moments),
  clockJumps(...moments),
);
