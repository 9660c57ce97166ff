import { withStartup } from '../../harness/generators/startups.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import { aBrokenStartIsRefusedByName } from '../../harness/invariants/a-broken-start-is-refused-by-name.ts';
import { answersCarryTheirProofs } from '../../harness/invariants/answers-carry-their-proofs.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { answeredInTenSeconds, lacksNamed, startsThatWaited } from './metrics.ts';

const scenarios: readonly Scenario[] = [
  {
    id: 'supervisor-missing/broken-starts',
    title:
      'Something that the supervisor needs is missing at the start, and users get silence or made-up answers',
    cases: withStartup(casePlans()),
    invariants: [
      aBrokenStartIsRefusedByName,
      everyAcceptedRunEnds,
      answersCarryTheirProofs,
      everyRefusalIsExplained,
      theFiveEventsArriveInOrder,
    ],
    metrics: [lacksNamed, startsThatWaited, answeredInTenSeconds],
  },
];

export default scenarios;
