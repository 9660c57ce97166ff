import { quietPeers, slowAgents, withKnocks } from '../../harness/generators/knocks.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import { deadPeersAreNoticedInTime } from '../../harness/invariants/dead-peers-are-noticed-in-time.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noLivingOneIsDeclaredDead } from '../../harness/invariants/no-living-one-is-declared-dead.ts';
import { noPulseSurvivesItsAgent } from '../../harness/invariants/no-pulse-survives-its-agent.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { deadPeersNoticed, livingPeersKept } from './metrics.ts';

const scenarios: readonly Scenario[] = [
  {
    id: '384/heartbeat',
    title: 'Nobody notices a client or an agent that is dead, or one that lives is taken for dead',
    cases: withKnocks(casePlans({ faults: slowAgents }), quietPeers()),
    invariants: [
      deadPeersAreNoticedInTime,
      noLivingOneIsDeclaredDead,
      noPulseSurvivesItsAgent,
      everyRefusalIsExplained,
      everyAcceptedRunEnds,
      theFiveEventsArriveInOrder,
    ],
    metrics: [deadPeersNoticed, livingPeersKept],
  },
];

export default scenarios;
