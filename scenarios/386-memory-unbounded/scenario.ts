import fc from 'fast-check';
import {
  memoryFilled,
  toolSwells,
  withMisbehavingAgents,
  withReaderWhoDoesNotRead,
  withRunBytes,
} from '../../harness/generators/memory-faults.ts';
import { moments } from '../../harness/generators/process-faults.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import type { Invariant } from '../../harness/invariant.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsLostSilently } from '../../harness/invariants/no-event-is-lost-silently.ts';
import { noQueueGrowsForWhoDoesNotRead } from '../../harness/invariants/no-queue-grows-for-who-does-not-read.ts';
import { noRunHoldsMoreThanItMay } from '../../harness/invariants/no-run-holds-more-than-it-may.ts';
import { noRunIsTakenOnWithoutMemory } from '../../harness/invariants/no-run-is-taken-on-without-memory.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { overloadedRunsRefused, overweightRunsEnded, runsBesideServed } from './metrics.ts';

/** What others must not feel, whatever one run or one process takes. */
const others: readonly Invariant[] = [
  everyRefusalIsExplained,
  everyAcceptedRunEnds,
  theFiveEventsArriveInOrder,
  noEventIsLostSilently,
];

/** As much as a process may have in a play: it has more, whatever it had before. */
const fillBytes = 640 * 1024 * 1024;

/** Ten times what a usual run holds at once. */
const runBytes = 128 * 1024;

const [atTheStart, ...later] = moments.filter(({ wire }) => wire === 'redis' || wire === 'client');

const scenarios: readonly Scenario[] = [
  {
    id: '386/process-out-of-memory',
    title: "The gateway's process has no memory left, and takes on more work",
    cases: casePlans({
      process: fc.array(memoryFilled(fillBytes, atTheStart ?? moments[0], ...later), {
        minLength: 1,
        maxLength: 1,
      }),
    }),
    invariants: [noRunIsTakenOnWithoutMemory, ...others],
    metrics: [overloadedRunsRefused, runsBesideServed],
  },
  {
    id: '386/run-over-its-memory',
    title: 'One run is given more than it may hold, and takes the memory of all',
    cases: withRunBytes(
      casePlans({
        faults: fc.array(
          toolSwells(runBytes, 'fetch_usage_metrics', 'compute_cost_and_latency', 'look_up_model_prices'),
          { minLength: 1, maxLength: 1 },
        ),
      }),
      runBytes,
    ),
    invariants: [noRunHoldsMoreThanItMay, ...others],
    metrics: [overweightRunsEnded, runsBesideServed],
  },
  {
    id: '386/nobody-reads',
    title: 'A client asks for much, again and again, and reads none of it',
    cases: withReaderWhoDoesNotRead(casePlans()),
    invariants: [noQueueGrowsForWhoDoesNotRead, everyRefusalIsExplained, everyAcceptedRunEnds],
    metrics: [runsBesideServed],
  },
  {
    id: '386/agents-out-of-hand',
    title: 'An agent takes memory without end, spins, hangs or ends its process',
    cases: withMisbehavingAgents(casePlans(), 'triage', 'data', 'reporting'),
    invariants: others,
    metrics: [runsBesideServed],
  },
];

export default scenarios;
