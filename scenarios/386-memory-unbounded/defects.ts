import type { Defect } from '../../harness/scenario.ts';
import { onlyAWarning } from './only-a-warning.ts';
import { ResourceGuard } from './resource-guard.ts';
import { unboundedQueues } from './unbounded-queue.ts';

const process = '386/process-out-of-memory';
const run = '386/run-over-its-memory';
const reader = '386/nobody-reads';
const agents = '386/agents-out-of-hand';

const defects: readonly Defect[] = [
  {
    name: 'only-a-warning',
    kind: 'as-reported',
    story:
      'The factory of agents looked at the memory of the process and, above 1,024 MB, wrote a warning into the log. Nothing was refused. Read in the source.',
    // What befalls a process is counted apart from what befalls messages.
    breaks: [{ scenario: process, invariant: 'no-run-is-taken-on-without-memory', needs: 0 }],
    passes: [run, reader, agents],
    parts: (healthy) => ({ ...healthy, gateway: { ...healthy.gateway, createMemoryGuard: onlyAWarning } }),
  },
  {
    name: 'unbounded-queue',
    kind: 'as-reported',
    story:
      'What was to be sent to a connection went into a queue of its own, and whoever had put it there went on: for a client that did not read, the queue grew as long as there was anything to say. Read in the source.',
    breaks: [{ scenario: reader, invariant: 'no-queue-grows-for-who-does-not-read' }],
    passes: [process, run, agents],
    parts: (healthy) => {
      const { createDelivery } = healthy.gateway;
      return {
        ...healthy,
        gateway: {
          ...healthy.gateway,
          createDelivery: (means) => unboundedQueues(createDelivery, means),
        },
      };
    },
  },
  {
    name: 'guard-off-the-path',
    kind: 'half-fix',
    story:
      'A guard of resources had limits for memory, CPU and runs at once, and looked at them every five seconds. No agent, tool or model call came by it: it was read by its own tests and by a page. Read in the source.',
    breaks: [{ scenario: run, invariant: 'no-run-holds-more-than-it-may' }],
    passes: [process, reader, agents],
    parts: (healthy) => {
      const guard = new ResourceGuard();
      return { ...healthy, createLedger: (means) => guard.ledgerOf(means) };
    },
  },
];

export default defects;
