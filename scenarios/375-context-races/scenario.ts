import fc from 'fast-check';
import {
  admission,
  delayBounded,
  priorities,
  randomSchedule,
  withSchedule,
  work,
} from '../../harness/generators/schedules.ts';
import { firstRunsInWindows, meeting, runsInWindows, windows } from '../../harness/generators/windows.ts';
import { answersCarryTheirProofs } from '../../harness/invariants/answers-carry-their-proofs.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noUserHasMoreRunsThanAllowed } from '../../harness/invariants/no-user-has-more-runs-than-allowed.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import { twoRunsNeverMix } from '../../harness/invariants/two-runs-never-mix.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { foreignValues, runsLetIn } from './metrics.ts';

const everywhere = { chains: runsInWindows, moments: [...admission, ...work] as const };
const atTheDoor = { chains: firstRunsInWindows, moments: admission };

const schedules = fc.oneof(
  delayBounded(atTheDoor, 2),
  priorities(atTheDoor, 2),
  delayBounded(everywhere, 3),
  randomSchedule(everywhere, 4),
);

const scenarios: readonly Scenario[] = [
  {
    id: '375/context-races',
    title: 'Two runs of one user begin together, and one is worked on as the other, or one too many',
    cases: withSchedule(windows(), schedules),
    invariants: [
      twoRunsNeverMix,
      noUserHasMoreRunsThanAllowed,
      nobodySeesAnothersValues,
      answersCarryTheirProofs,
      theFiveEventsArriveInOrder,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
    ],
    metrics: [foreignValues, runsLetIn],
  },
  {
    id: '375/two-gateways',
    title: 'A user whose windows are at two gateways has as many runs at each as a user may have at all',
    cases: withSchedule(
      meeting(windows()).map((plan) => ({ ...plan, secondGateway: 'takes-turns' as const })),
      delayBounded(atTheDoor, 2),
    ),
    invariants: [
      noUserHasMoreRunsThanAllowed,
      twoRunsNeverMix,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
    ],
    metrics: [runsLetIn],
  },
];

export default scenarios;
