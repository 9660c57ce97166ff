import fc from 'fast-check';
import type { Fault } from '../fault.ts';
import type { FaultDraft } from './faults.ts';

/** Something happens to one of these frames on its way to the user (`run_completed`). Shrinks towards the first named, lost. */
export function framesDisturbed(...kinds: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  return drafts('reply', kinds, 3);
}

/** Something happens to one of these frames on its way from the user (`event_confirmation`). */
export function askingDisturbed(...kinds: readonly [string, ...string[]]): fc.Arbitrary<FaultDraft> {
  return drafts('request', kinds, 1);
}

/** Redis refuses, breaks off or is late when an event is appended, or a run's standing is written. */
export const storeDisturbed: fc.Arbitrary<FaultDraft> = fc
  .record({
    place: fc.oneof(
      fc.record({ kind: fc.constant('xadd.events'), count: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('set.delivery'), count: fc.integer({ min: 1, max: 2 }) }),
    ),
    fate: fc.oneof(
      fc.constant<Fault['fate']>({ do: 'fail', error: 'LOADING Redis is loading the dataset in memory' }),
      fc.constantFrom<Fault['fate']>({ do: 'cut', when: 'before' }, { do: 'cut', when: 'after' }),
      fc.integer({ min: 1, max: 300 }).map<Fault['fate']>((ms) => ({ do: 'delay', ms })),
    ),
  })
  .map(({ place, fate }) => ({ of: 'run', at: { wire: 'redis', direction: 'request', ...place }, fate }));

function drafts(
  direction: 'request' | 'reply',
  kinds: readonly string[],
  countMost: number,
): fc.Arbitrary<FaultDraft> {
  return fc
    .record({ kind: fc.constantFrom(...kinds), count: fc.integer({ min: 1, max: countMost }), fate })
    .map(({ kind, count, fate }) => {
      // A run ends once, and what comes last changes places with nothing.
      const isLast = kind.startsWith('run_');
      return {
        of: 'run',
        at: { wire: 'client', direction, kind, count: isLast ? 1 : count },
        fate: isLast && fate.do === 'reorder' ? { do: 'drop' } : fate,
      };
    });
}

const fate: fc.Arbitrary<Fault['fate']> = fc.oneof(
  { withCrossShrink: true },
  fc.constant<Fault['fate']>({ do: 'drop' }),
  fc.constantFrom<Fault['fate']>({ do: 'cut', when: 'before' }, { do: 'cut', when: 'after' }),
  fc.constantFrom<Fault['fate']>({ do: 'duplicate' }, { do: 'reorder' }),
  fc.integer({ min: 1, max: 300 }).map<Fault['fate']>((ms) => ({ do: 'delay', ms })),
);
