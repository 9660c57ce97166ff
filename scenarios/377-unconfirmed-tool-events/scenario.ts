import fc from 'fast-check';
import { deliveryFigures, toolVisibility } from '../../harness/delivery-figures.ts';
import { withRunBeside, withRunBesideAskedFor } from '../../harness/generators/beside.ts';
import { withCalm } from '../../harness/generators/calm.ts';
import { askingDisturbed, framesDisturbed, storeDisturbed } from '../../harness/generators/frame-faults.ts';
import { storms } from '../../harness/generators/storms.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import type { Invariant } from '../../harness/invariant.ts';
import { confirmationsAreTrue } from '../../harness/invariants/confirmations-are-true.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { everyToolCallIsShown } from '../../harness/invariants/every-tool-call-is-shown.ts';
import { noEventIsLostSilently } from '../../harness/invariants/no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { serviceReturnsAfterTheStorm } from '../../harness/invariants/service-returns-after-the-storm.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';

const disturbed = fc.oneof(
  framesDisturbed('tool_completed', 'tool_executing', 'run_completed'),
  askingDisturbed('event_confirmation'),
  storeDisturbed,
);

const invariants: readonly Invariant[] = [
  confirmationsAreTrue,
  everyToolCallIsShown,
  noEventIsLostSilently,
  theFiveEventsArriveInOrder,
  noEventIsSeenTwice,
  everyAcceptedRunEnds,
  everyRefusalIsExplained,
];

const metrics = [toolVisibility, ...deliveryFigures];

const scenarios: readonly Scenario[] = [
  {
    id: '377/unconfirmed-tool-events',
    title: 'Tools work, their events may or may not come, and nobody can say which',
    cases: withRunBeside(casePlans({ faults: fc.array(disturbed, { maxLength: 2 }) })),
    invariants,
    metrics,
  },
  {
    id: '377/storm',
    title: 'Processes die and connections break while tools work, and everything is asked for afterwards',
    cases: withRunBesideAskedFor(withCalm(casePlans(storms()))),
    invariants: [...invariants, serviceReturnsAfterTheStorm],
    metrics,
  },
];

export default scenarios;
