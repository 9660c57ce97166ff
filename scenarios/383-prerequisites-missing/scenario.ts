import fc from 'fast-check';
import { modelAway, redisAway, withQuestionsInOutage } from '../../harness/generators/outages.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import { doomedRunsAreRefusedAtOnce } from '../../harness/invariants/doomed-runs-are-refused-at-once.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { serviceReturnsAfterTheStorm } from '../../harness/invariants/service-returns-after-the-storm.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { causesNamed, refusedWithinMs, runsRefused } from './metrics.ts';

const invariants = [
  doomedRunsAreRefusedAtOnce,
  everyAcceptedRunEnds,
  everyRefusalIsExplained,
  serviceReturnsAfterTheStorm,
  theFiveEventsArriveInOrder,
];

const scenarios: readonly Scenario[] = [
  {
    id: '383/doomed-runs',
    title: 'Nobody looks whether a run can succeed at all, and it fails late, after it has cost something',
    cases: withQuestionsInOutage(casePlans({ process: fc.array(modelAway, { maxLength: 1 }) })),
    invariants,
    metrics: [runsRefused, causesNamed, refusedWithinMs],
  },
  {
    id: '383/store-away',
    title: 'Redis is away, and runs that cannot be kept are begun',
    cases: withQuestionsInOutage(casePlans({ process: fc.array(redisAway, { maxLength: 1 }) })),
    invariants,
    metrics: [runsRefused, causesNamed, refusedWithinMs],
  },
];

export default scenarios;
