import fc from 'fast-check';
import { outage, withQuestionsInOutage } from '../../harness/generators/outages.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import { doomedRunsAreRefusedAtOnce } from '../../harness/invariants/doomed-runs-are-refused-at-once.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { serviceReturnsAfterTheStorm } from '../../harness/invariants/service-returns-after-the-storm.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { causesNamed, refusedWithinMs, runsRefused } from './metrics.ts';

const scenarios: readonly Scenario[] = [
  {
    id: '383/doomed-runs',
    title: 'Nobody looks whether a run can succeed at all, and it fails late, after it has cost something',
    cases: withQuestionsInOutage(casePlans({ process: fc.array(outage, { maxLength: 1 }) })),
    invariants: [
      doomedRunsAreRefusedAtOnce,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
      serviceReturnsAfterTheStorm,
      theFiveEventsArriveInOrder,
    ],
    metrics: [runsRefused, causesNamed, refusedWithinMs],
  },
];

export default scenarios;
