import fc from 'fast-check';
import { withCanaries } from '../../harness/generators/canaries.ts';
import { contaminationsAt, type Place } from '../../harness/generators/contaminations.ts';
import { crowds } from '../../harness/generators/crowd.ts';
import { agentThrows, clientCut, type FaultDraft } from '../../harness/generators/faults.ts';
import { holds } from '../../harness/generators/holds.ts';
import { aFailureStaysWhereItHappened } from '../../harness/invariants/a-failure-stays-where-it-happened.ts';
import { aRunIsTheSameInCompany } from '../../harness/invariants/a-run-is-the-same-in-company.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsLostSilently } from '../../harness/invariants/no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { nothingOfARunOutlivesIt } from '../../harness/invariants/nothing-of-a-run-outlives-it.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import { whoFloodsIsToldSo } from '../../harness/invariants/who-floods-is-told-so.ts';
import { foreignValuesFound, usersFollowed } from '../../harness/isolation-figures.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { aloneIn } from '../../harness/twins.ts';

const places: readonly Place[] = [
  { wire: 'agent', kind: 'data', path: ['insights'] },
  { wire: 'agent', kind: 'triage', path: ['entities', 'models', 0] },
  { wire: 'tool', kind: 'fetch_usage_metrics', path: ['records'] },
];

/** An agent throws or never answers, a tool throws, the model refuses, the connection breaks. */
const faults: fc.Arbitrary<FaultDraft> = fc.oneof(
  agentThrows('triage', 'data', 'optimization', 'actions', 'reporting'),
  fc.constantFrom<FaultDraft>(
    { of: 'run', at: { wire: 'agent', direction: 'reply', kind: 'triage', count: 1 }, fate: { do: 'drop' } },
    {
      of: 'run',
      at: { wire: 'model', direction: 'request', kind: 'triage', count: 1 },
      fate: { do: 'fail', error: '400' },
    },
    {
      of: 'run',
      at: { wire: 'tool', direction: 'request', kind: 'fetch_usage_metrics', count: 1 },
      fate: { do: 'fail', error: 'ToolCrashed' },
    },
  ),
  clientCut('agent_started', 'agent_completed'),
);

const befalls = { faults, contaminations: contaminationsAt(places, { atMost: 1 }) };

const scenarios: readonly Scenario[] = [
  {
    id: 'many-users/company',
    title: 'What a user gets depends on who else is there, and on what befalls them',
    cases: withCanaries(crowds({ ...befalls, others: 2, holds: holds(3) })),
    invariants: [
      aRunIsTheSameInCompany,
      nobodySeesAnothersValues,
      aFailureStaysWhereItHappened,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
    ],
    metrics: [foreignValuesFound, usersFollowed],
    twin: (playing) => aloneIn(playing, 'alice'),
  },
  {
    id: 'many-users/crowd',
    title: 'Many users at the same time: some fail, some flood, some leave, and others pay for it',
    cases: withCanaries(crowds({ ...befalls, others: 7, holds: holds(2) })),
    invariants: [
      nobodySeesAnothersValues,
      aFailureStaysWhereItHappened,
      nothingOfARunOutlivesIt,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
      theFiveEventsArriveInOrder,
      noEventIsLostSilently,
      noEventIsSeenTwice,
      whoFloodsIsToldSo,
    ],
    metrics: [foreignValuesFound, usersFollowed],
  },
];

export default scenarios;
