/**
 * What a scenario is written with: the nouns, the generators, the invariants. The pipeline's own parts, for
 * those who write defects, are exported from `faultline/pipeline`.
 */

// nouns
export type { Case, CaseAction, CaseUser, ModelScript } from './case.ts';
export { deliveryFigures, toolVisibility } from './delivery-figures.ts';
export { hash32, rollFor, tokenFor } from './dice.ts';
export { HarnessError } from './errors.ts';
export type { Contamination, Fate, Fault, ScheduleConstraint } from './fault.ts';
export { fates, faultName } from './fault.ts';
// generators
export { badLuck } from './generators/bad-luck.ts';
export { withAbsence, withRunBeside, withRunBesideAskedFor } from './generators/beside.ts';
export { withCalm } from './generators/calm.ts';
export { withCanaries } from './generators/canaries.ts';
export {
  type ContaminationDraft,
  type ContaminationOptions,
  contaminationsAt,
  type Place,
} from './generators/contaminations.ts';
export { type CrowdOptions, crowds, floodLimits } from './generators/crowd.ts';
export { failuresThenCleanRuns } from './generators/failing-runs.ts';
export {
  agentThrows,
  clientCut,
  connectionDisturbed,
  type FaultDraft,
  modelFails,
  redisFails,
  toolThrows,
} from './generators/faults.ts';
export { askingDisturbed, framesDisturbed, storeDisturbed } from './generators/frame-faults.ts';
export { type HoldDraft, holds } from './generators/holds.ts';
export { kept } from './generators/kept.ts';
export { quietPeers, races, slowAgents, slowAuthentication, withKnocks } from './generators/knocks.ts';
export {
  memoryFilled,
  toolSwells,
  withMisbehavingAgents,
  withReaderWhoDoesNotRead,
  withRunBytes,
} from './generators/memory-faults.ts';
export { modelAway, redisAway, withQuestionsInOutage } from './generators/outages.ts';
export {
  clockJumps,
  entrances,
  gatewayKilled,
  type Moment,
  moments,
  ofUser,
  type ProcessFaultDraft,
  redisAils,
  redisKilled,
} from './generators/process-faults.ts';
export { type Recipe, type RecipeContext, recipeNamed, recipes } from './generators/recipes.ts';
export { requests } from './generators/requests.ts';
export {
  admission,
  type Chain,
  chainsOf,
  delayBounded,
  priorities,
  randomSchedule,
  type ScheduleDraft,
  type ScheduleOptions,
  withSchedule,
  work,
} from './generators/schedules.ts';
export { withStartup } from './generators/startups.ts';
export { storms } from './generators/storms.ts';
export { firstRunsInWindows, meeting, runsInWindows, windows } from './generators/windows.ts';
export { casePlans, type Disturbance } from './generators/workload.ts';
export type { EventOf, EventType, History, HistoryEvent, Json } from './history.ts';
export { eventsOf } from './history.ts';
export type { Finding, Invariant } from './invariant.ts';
// invariants
export { aBrokenStartIsRefusedByName } from './invariants/a-broken-start-is-refused-by-name.ts';
export { aFailureStaysWhereItHappened } from './invariants/a-failure-stays-where-it-happened.ts';
export { aRunIsTheSameInCompany } from './invariants/a-run-is-the-same-in-company.ts';
export { answersCarryTheirProofs } from './invariants/answers-carry-their-proofs.ts';
export { cleanResultsComeBackExactly } from './invariants/clean-results-come-back-exactly.ts';
export { confirmationsAreTrue } from './invariants/confirmations-are-true.ts';
export { deadPeersAreNoticedInTime } from './invariants/dead-peers-are-noticed-in-time.ts';
export { doomedRunsAreRefusedAtOnce } from './invariants/doomed-runs-are-refused-at-once.ts';
export { earlyMessagesAreKeptOrRefused } from './invariants/early-messages-are-kept-or-refused.ts';
export { everyAcceptedRunEnds } from './invariants/every-accepted-run-ends.ts';
export { everyRefusalIsExplained } from './invariants/every-refusal-is-explained.ts';
export { everyToolCallIsShown } from './invariants/every-tool-call-is-shown.ts';
export { noEventIsLostSilently } from './invariants/no-event-is-lost-silently.ts';
export { noEventIsSeenTwice } from './invariants/no-event-is-seen-twice.ts';
export { noForeignCodeIsRun } from './invariants/no-foreign-code-is-run.ts';
export { noLivingOneIsDeclaredDead } from './invariants/no-living-one-is-declared-dead.ts';
export { noPulseSurvivesItsAgent } from './invariants/no-pulse-survives-its-agent.ts';
export { noQueueGrowsForWhoDoesNotRead } from './invariants/no-queue-grows-for-who-does-not-read.ts';
export { noRunHoldsMoreThanItMay } from './invariants/no-run-holds-more-than-it-may.ts';
export { noRunIsTakenOnWithoutMemory } from './invariants/no-run-is-taken-on-without-memory.ts';
export { noSecretIsShown } from './invariants/no-secret-is-shown.ts';
export { noUserHasMoreRunsThanAllowed } from './invariants/no-user-has-more-runs-than-allowed.ts';
export { nobodySeesAnothersValues } from './invariants/nobody-sees-anothers-values.ts';
export { nobodyWithoutAValidTokenGetsIn } from './invariants/nobody-without-a-valid-token-gets-in.ts';
export { nothingIsLostSilently } from './invariants/nothing-is-lost-silently.ts';
export { nothingIsProcessedBeforeTheHandshake } from './invariants/nothing-is-processed-before-the-handshake.ts';
export { nothingOfARunOutlivesIt } from './invariants/nothing-of-a-run-outlives-it.ts';
export { ofThePresentVersion } from './invariants/of-the-present-version.ts';
export { oldEntriesAreNeverTakenForData } from './invariants/old-entries-are-never-taken-for-data.ts';
export { poisonSpoilsNoSiblings } from './invariants/poison-spoils-no-siblings.ts';
export { Account } from './invariants/reading/account.ts';
export { carriedValuesOf } from './invariants/reading/carried-values.ts';
export { failuresOf } from './invariants/reading/failures.ts';
export { framesOf } from './invariants/reading/frames.ts';
export { textOf } from './invariants/reading/json-shapes.ts';
export { lacksOf } from './invariants/reading/lacks.ts';
export { endOf, type RunStory, runStoriesOf } from './invariants/reading/run-stories.ts';
export { shortagesOf } from './invariants/reading/shortages.ts';
export { swellsOf } from './invariants/reading/swells.ts';
export { type UntouchedRun, untouchedRunsOf } from './invariants/reading/untouched-runs.ts';
export { isTurnedAway, visitsOf } from './invariants/reading/visits.ts';
export { serviceReturnsAfterTheStorm } from './invariants/service-returns-after-the-storm.ts';
export { storedAndSentValuesAreClean } from './invariants/stored-and-sent-values-are-clean.ts';
export { theFiveEventsArriveInOrder } from './invariants/the-five-events-arrive-in-order.ts';
export { twoRunsNeverMix } from './invariants/two-runs-never-mix.ts';
export { whoFloodsIsToldSo } from './invariants/who-floods-is-told-so.ts';
export { foreignValuesFound, usersFollowed } from './isolation-figures.ts';
export type { Message, Pattern, WireName } from './message.ts';
export { agentPlaces, type MisbehaviourName, misbehaviours, survivals } from './misbehaviour.ts';
export { type ProcessFate, type ProcessFault, processFates } from './process-fault.ts';
export type { CasePlan, Defect, Incident, Metric, Scenario } from './scenario.ts';
export { aloneIn } from './twins.ts';
export type { Coverage, Verdict, Violation } from './verdict.ts';
