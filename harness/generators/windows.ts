import fc from 'fast-check';
import type { CaseAction, CaseUser, ModelScript } from '../case.ts';
import type { ScheduleConstraint } from '../fault.ts';
import type { CasePlan } from '../scenario.ts';
import { kept } from './kept.ts';
import { requests } from './requests.ts';
import type { Chain } from './schedules.ts';

/** The first run of each window that such a case may have: these are asked for whatever becomes of the others. */
export const firstRunsInWindows: readonly Chain[] = [
  ...['run-1', 'run-2', 'run-3'].map((run) => ({ user: 'alice', run })),
  { user: 'bob', run: 'run-1' },
];

/** Every run that such a case may have. */
export const runsInWindows: readonly Chain[] = [
  ...firstRunsInWindows,
  { user: 'alice', run: 'run-4' },
  { user: 'bob', run: 'run-2' },
];

/**
 * Alice asks in two or three windows at the same time, in the first of them now and then twice in a row, and may
 * have one or two runs at once; so some of what she asks is refused. Beside her bob asks. No two requests
 * are alike. Shrinks towards two windows with one request each.
 */
export function windows(): fc.Arbitrary<CasePlan> {
  return fc
    .record({
      runsPerUser: fc.integer({ min: 1, max: 2 }),
      first: fc.record({ ask, again: fc.boolean(), next: ask }),
      second: fc.record({ laterByMs, ask }),
      third: fc.record({ isKept: fc.boolean(), laterByMs, ask }),
      bob: fc.record({
        isKept: kept,
        arrivesAtMs: fc.integer({ min: 0, max: 50 }),
        ask,
        again: fc.boolean(),
        next: ask,
      }),
    })
    .map(({ runsPerUser, first, second, third, bob }) => {
      const thirdAtMs = second.laterByMs + third.laterByMs;
      const alice = [
        windowOf('alice', 1, 0, first),
        windowOf('alice', 2, second.laterByMs, second),
        ...(third.isKept ? [windowOf('alice', 3, thirdAtMs, third)] : []),
      ];
      const all = [...alice, ...(bob.isKept ? [windowOf('bob', 1, bob.arrivesAtMs, bob)] : [])];
      return {
        limits: { runsPerUser },
        users: all.map(({ user }) => user),
        model: all.flatMap(({ model }) => model),
        faults: [],
        contaminations: [],
        schedule: [],
      };
    });
}

/**
 * The same cases; the model answers the first run of each window no sooner than that of the last window has begun,
 * where that is let in: so they are worked on at the same time in any world, however fast a run is there.
 */
export function meeting(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return plans.map((plan) => {
    const windowsOfAlice = plan.users.filter(({ id }) => id === 'alice').map(({ window = 1 }) => window);
    const last = Math.max(...windowsOfAlice);
    const constraints = windowsOfAlice
      .filter((window) => window !== last)
      .map((window): ScheduleConstraint => {
        const triage = { user: 'alice', kind: 'triage', count: 1 };
        return {
          hold: { ...triage, wire: 'model', direction: 'reply', run: `run-${window}` },
          until: { ...triage, wire: 'agent', direction: 'request', run: `run-${last}` },
          // Shorter than anybody waits for the model.
          atMostMs: 400,
          ofWorkload: true,
        };
      });
    return { ...plan, schedule: [...plan.schedule, ...constraints] };
  });
}

interface Ask {
  readonly request: string;
  readonly sufficiency: ModelScript['sufficiency'];
}

const ask: fc.Arbitrary<Ask> = fc.record({
  request: fc.constantFrom(...requests),
  sufficiency: fc.constantFrom<ModelScript['sufficiency']>(
    ...Array<'sufficient'>(7).fill('sufficient'),
    'partial',
    'insufficient',
  ),
});

/** Longer than it takes to be let in: by themselves two windows do not race there, but their runs go on side by side. */
const laterByMs = fc.integer({ min: 20, max: 40 });

/** One window: asks, and perhaps again when that has ended. */
function windowOf(
  id: string,
  window: number,
  arrivesAtMs: number,
  { ask: first, again = false, next }: { readonly ask: Ask; readonly again?: boolean; readonly next?: Ask },
): { readonly user: CaseUser; readonly model: readonly ModelScript[] } {
  const further = id === 'alice' ? 4 : 2;
  const asks = [
    { run: `run-${window}`, ask: first },
    ...(again && next !== undefined ? [{ run: `run-${further}`, ask: next }] : []),
  ];
  return {
    user: {
      id,
      ...(window === 1 ? {} : { window }),
      arrivesAtMs,
      confirms: 'all',
      actions: [
        { do: 'connect' },
        ...asks.map(
          ({ run, ask: { request } }): CaseAction => ({
            do: 'ask',
            run,
            thread: `thread-${window}`,
            // Its own, so that whose it is can be told wherever it turns up.
            request: `${request} (${id}, ${run})`,
          }),
        ),
      ],
    },
    model: asks.map(({ run, ask: { sufficiency } }) => ({ user: id, run, sufficiency, chunks: 1 })),
  };
}
