import fc from 'fast-check';
import { deliveryFigures, toolVisibility } from '../../harness/delivery-figures.ts';
import { withRunBeside } from '../../harness/generators/beside.ts';
import { askingDisturbed, framesDisturbed, storeDisturbed } from '../../harness/generators/frame-faults.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import { confirmationsAreTrue } from '../../harness/invariants/confirmations-are-true.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { everyToolCallIsShown } from '../../harness/invariants/every-tool-call-is-shown.ts';
import { noEventIsLostSilently } from '../../harness/invariants/no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';

const disturbed = fc.oneof(
  framesDisturbed('tool_completed', 'tool_executing', 'run_completed'),
  askingDisturbed('event_confirmation'),
  storeDisturbed,
);

const scenarios: readonly Scenario[] = [
  {
    id: '377/unconfirmed-tool-events',
    title: 'Tools work, their events may or may not come, and nobody can say which',
    cases: withRunBeside(casePlans({ faults: fc.array(disturbed, { maxLength: 2 }) })),
    invariants: [
      confirmationsAreTrue,
      everyToolCallIsShown,
      noEventIsLostSilently,
      theFiveEventsArriveInOrder,
      noEventIsSeenTwice,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
    ],
    metrics: [toolVisibility, ...deliveryFigures],
  },
];

export default scenarios;
