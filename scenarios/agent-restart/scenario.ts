import fc from 'fast-check';
import { withCanaries } from '../../harness/generators/canaries.ts';
import { failuresThenCleanRuns } from '../../harness/generators/failing-runs.ts';
import { agentThrows, type FaultDraft } from '../../harness/generators/faults.ts';
import { aFailureStaysWhereItHappened } from '../../harness/invariants/a-failure-stays-where-it-happened.ts';
import { answersCarryTheirProofs } from '../../harness/invariants/answers-carry-their-proofs.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { everyToolCallIsShown } from '../../harness/invariants/every-tool-call-is-shown.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { nothingOfARunOutlivesIt } from '../../harness/invariants/nothing-of-a-run-outlives-it.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import { foreignValuesFound, usersFollowed } from '../../harness/isolation-figures.ts';
import { agentPlaces, type MisbehaviourName, misbehaviours, survivals } from '../../harness/misbehaviour.ts';
import type { CasePlan, Scenario } from '../../harness/scenario.ts';
import { servedAfterAFailure, timeToRecovery } from './metrics.ts';

const throws = agentThrows('triage', 'data', 'optimization', 'actions', 'reporting');

/** An agent never answers, a tool throws, the model refuses what it is asked. */
const others = fc.constantFrom<FaultDraft>(
  { of: 'run', at: { wire: 'agent', direction: 'reply', kind: 'triage', count: 1 }, fate: { do: 'drop' } },
  {
    of: 'run',
    at: { wire: 'tool', direction: 'request', kind: 'fetch_usage_metrics', count: 1 },
    fate: { do: 'fail', error: 'ToolCrashed' },
  },
  {
    of: 'run',
    at: { wire: 'model', direction: 'request', kind: 'data', count: 1 },
    fate: { do: 'fail', error: '400' },
  },
);

/** What fails five times in a row, a tool or the model, is refused to that one user for a while, and rightly so. */
const inARowMax = 4;

function cases(company: 'alone' | 'beside others'): fc.Arbitrary<CasePlan> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: failuresThenCleanRuns(throws, company) },
    { weight: 1, arbitrary: failuresThenCleanRuns(others, company, inARowMax) },
  );
}

/** Whatever an agent may do in place of its work, in each place that survives it. */
const misbehaving = fc
  .record({
    agentPlace: fc.constantFrom(...agentPlaces),
    what: fc.constantFrom(...(Object.keys(misbehaviours) as MisbehaviourName[])),
    kind: fc.constantFrom('data', 'optimization'),
  })
  .filter(({ agentPlace, what }) => 'code' in survivals[agentPlace][what])
  .chain(({ agentPlace, what, kind }) => {
    const at = { wire: 'agent', direction: 'request', kind, count: 1 } as const;
    const draft = fc.constant<FaultDraft>({ of: 'run', at, fate: misbehaviours[what] });
    return failuresThenCleanRuns(draft, 'beside others').map((plan) => ({ ...plan, agentPlace }));
  });

const restart = [
  aFailureStaysWhereItHappened,
  nothingOfARunOutlivesIt,
  everyAcceptedRunEnds,
  everyRefusalIsExplained,
  theFiveEventsArriveInOrder,
  everyToolCallIsShown,
  answersCarryTheirProofs,
];

const scenarios: readonly Scenario[] = [
  {
    id: 'agent-restart/sequential',
    title: 'After one failure every later request hangs, or is refused',
    cases: cases('alone'),
    invariants: restart,
    metrics: [servedAfterAFailure, timeToRecovery],
  },
  {
    id: 'agent-restart/concurrent',
    title: "One user's failure, or the way it is mended, wipes the runs of others",
    cases: withCanaries(cases('beside others')),
    invariants: [...restart, nobodySeesAnothersValues],
    metrics: [servedAfterAFailure, timeToRecovery, foreignValuesFound, usersFollowed],
  },
  {
    id: 'agent-restart/misbehaving',
    title: 'An agent spins, exits or takes all memory, and takes others with it',
    cases: withCanaries(misbehaving),
    invariants: [...restart, nobodySeesAnothersValues],
    metrics: [servedAfterAFailure, timeToRecovery, foreignValuesFound, usersFollowed],
  },
];

export default scenarios;
