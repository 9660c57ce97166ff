import { contaminationsAt } from '../../harness/generators/contaminations.ts';
import { agentThrows } from '../../harness/generators/faults.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import type { Invariant } from '../../harness/invariant.ts';
import { answersCarryTheirProofs } from '../../harness/invariants/answers-carry-their-proofs.ts';
import { cleanResultsComeBackExactly } from '../../harness/invariants/clean-results-come-back-exactly.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { nothingIsLostSilently } from '../../harness/invariants/nothing-is-lost-silently.ts';
import { poisonSpoilsNoSiblings } from '../../harness/invariants/poison-spoils-no-siblings.ts';
import { storedAndSentValuesAreClean } from '../../harness/invariants/stored-and-sent-values-are-clean.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import {
  answeredInSpiteOfFailure,
  cleanResultsReturnedExactly,
  contaminatedCasesSurvived,
} from './metrics.ts';
import { places } from './places.ts';

const invariants: readonly Invariant[] = [
  storedAndSentValuesAreClean,
  cleanResultsComeBackExactly,
  everyAcceptedRunEnds,
  theFiveEventsArriveInOrder,
  noEventIsSeenTwice,
  everyRefusalIsExplained,
  answersCarryTheirProofs,
  nobodySeesAnothersValues,
];

const scenarios: readonly Scenario[] = [
  {
    id: '585/contaminated-results',
    title: 'Live objects in the results of agents and tools: values vanish, or no answer comes',
    cases: casePlans({ contaminations: contaminationsAt(places) }),
    invariants: [nothingIsLostSilently, poisonSpoilsNoSiblings, ...invariants],
    metrics: [contaminatedCasesSurvived, cleanResultsReturnedExactly],
  },
  {
    id: '585/failed-agent',
    title: 'One agent fails, and others that were well fail with it: no answer comes',
    cases: casePlans({
      faults: agentThrows('data', 'triage', 'optimization', 'actions', 'data_helper', 'reporting').map(
        (fault) => [fault],
      ),
    }),
    invariants,
    metrics: [answeredInSpiteOfFailure, cleanResultsReturnedExactly],
  },
];

export default scenarios;
