import fc from 'fast-check';
import { deliveryFigures } from '../../harness/delivery-figures.ts';
import { withAbsence } from '../../harness/generators/beside.ts';
import { withCalm } from '../../harness/generators/calm.ts';
import { askingDisturbed, framesDisturbed, storeDisturbed } from '../../harness/generators/frame-faults.ts';
import { storms } from '../../harness/generators/storms.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import type { Invariant } from '../../harness/invariant.ts';
import { confirmationsAreTrue } from '../../harness/invariants/confirmations-are-true.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsLostSilently } from '../../harness/invariants/no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { serviceReturnsAfterTheStorm } from '../../harness/invariants/service-returns-after-the-storm.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';

const invariants: readonly Invariant[] = [
  noEventIsLostSilently,
  everyAcceptedRunEnds,
  theFiveEventsArriveInOrder,
  noEventIsSeenTwice,
  confirmationsAreTrue,
  everyRefusalIsExplained,
];

const disturbed = fc.oneof(
  framesDisturbed(
    'agent_thinking',
    'agent_started',
    'tool_executing',
    'tool_completed',
    'agent_completed',
    'run_completed',
  ),
  askingDisturbed('event_confirmation'),
  storeDisturbed,
);

/** None, one or two. */
const faults = fc.array(disturbed, { maxLength: 2 });

const scenarios: readonly Scenario[] = [
  {
    id: '373/silent-event-loss',
    title: 'Events of a run never come, nobody says so, and the run goes on as if they had',
    cases: casePlans({ faults }),
    invariants,
    metrics: deliveryFigures,
  },
  {
    id: '373/away',
    title: 'A user leaves while runs are worked on, comes back, and asks for all that they had to say',
    cases: withAbsence(casePlans({ faults })),
    invariants,
    metrics: deliveryFigures,
  },
  {
    id: '373/storm',
    title: 'Gateways and Redis die and come back, connections break or fall silent; then all is calm',
    cases: withCalm(casePlans(storms())),
    invariants: [...invariants, serviceReturnsAfterTheStorm],
    metrics: deliveryFigures,
  },
];

export default scenarios;
