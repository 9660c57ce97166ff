import { contaminationsAt } from '../../harness/generators/contaminations.ts';
import { agentThrows } from '../../harness/generators/faults.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import type { Invariant } from '../../harness/invariant.ts';
import { answersCarryTheirProofs } from '../../harness/invariants/answers-carry-their-proofs.ts';
import { cleanResultsComeBackExactly } from '../../harness/invariants/clean-results-come-back-exactly.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { noForeignCodeIsRun } from '../../harness/invariants/no-foreign-code-is-run.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { nothingIsLostSilently } from '../../harness/invariants/nothing-is-lost-silently.ts';
import { ofThePresentVersion } from '../../harness/invariants/of-the-present-version.ts';
import { oldEntriesAreNeverTakenForData } from '../../harness/invariants/old-entries-are-never-taken-for-data.ts';
import { poisonSpoilsNoSiblings } from '../../harness/invariants/poison-spoils-no-siblings.ts';
import { storedAndSentValuesAreClean } from '../../harness/invariants/stored-and-sent-values-are-clean.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import {
  answeredInSpiteOfFailure,
  cacheHits,
  cacheHitsThatGaveTheResultBack,
  cleanResultsReturnedExactly,
  contaminatedCasesSurvived,
  entriesRefused,
  valuesNamedOnMetrics,
} from './metrics.ts';
import { places } from './places.ts';
import { upgradesFrom } from './upgrades.ts';

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
    invariants: [nothingIsLostSilently, poisonSpoilsNoSiblings, ...invariants, noForeignCodeIsRun],
    metrics: [
      contaminatedCasesSurvived,
      cleanResultsReturnedExactly,
      cacheHits,
      cacheHitsThatGaveTheResultBack,
      valuesNamedOnMetrics,
    ],
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
  {
    id: '585/old-entries',
    title: 'A version that was broken leaves its entries in Redis, and the one that follows meets them',
    cases: upgradesFrom(
      ['stringified', 'string-default', 'name-patterns', 'dropped', 'clean-copy-beside', 'deep-copy'],
      contaminationsAt([...places.filter(({ kind }) => kind === 'triage'), ...places]),
    ),
    invariants: [
      oldEntriesAreNeverTakenForData,
      ...[
        everyAcceptedRunEnds,
        theFiveEventsArriveInOrder,
        noEventIsSeenTwice,
        everyRefusalIsExplained,
        answersCarryTheirProofs,
      ].map(ofThePresentVersion),
    ],
    metrics: [entriesRefused],
  },
];

export default scenarios;
