import type { Defect } from '../../harness/scenario.ts';
import type { Delivery, DeliveryMeans } from '../../src/delivery/delivery.ts';
import type { Parts } from '../../src/parts.ts';
import { connectionManager } from './connection-manager.ts';
import { retryWantsBoolean } from './retry-wants-boolean.ts';
import { threadAsUser } from './thread-as-user.ts';

const scenario = '373/silent-event-loss';
const away = '373/away';

const defects: readonly Defect[] = [
  {
    name: 'thread-as-user',
    kind: 'as-reported',
    story:
      'The bridge sent to a thread, and the manager of connections took the thread id for a user id: no connection was found, a line was logged, nothing was returned, and that counted as success. Read in the source; 0 of 5 events came in the failing tests of the time.',
    breaks: [{ scenario, invariant: 'no-event-is-lost-silently' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => delivering(healthy, (create, means) => threadAsUser(create(means))),
  },
  {
    name: 'send-and-go-on',
    kind: 'as-reported',
    story:
      'An event that could not be sent was a warning in the log, and the run went on: what a user without a connection had missed never came. Read in the source of the tool dispatcher and of the engine.',
    breaks: [{ scenario, invariant: 'no-event-is-lost-silently' }],
    passes: [],
    parts: (healthy) => delivering(healthy, (create, means) => connectionManager(create, means, 0)),
  },
  {
    name: 'queue-of-fifty',
    kind: 'as-reported',
    story:
      'What could not be sent went into a recovery queue and was sent when the user came back. It kept the newest fifty of a user, and dropped the others without a word. Read in the source.',
    breaks: [{ scenario: away, invariant: 'no-event-is-lost-silently', needs: 0 }],
    passes: [],
    parts: (healthy) => delivering(healthy, (create, means) => connectionManager(create, means, 50)),
  },
  {
    name: 'retry-wants-boolean',
    kind: 'half-fix',
    story:
      'The fix sent each event up to three times until the sending function said true, and then failed. That function returns nothing: each event was sent three times, and then its run failed, though all had been delivered. Read in the source of the fix, whose tests used mocks that return true; seen in the log of the next day.',
    breaks: [{ scenario, invariant: 'every-refusal-is-explained' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => delivering(healthy, retryWantsBoolean),
  },
];

export default defects;

function delivering(
  healthy: Parts,
  make: (create: (means: DeliveryMeans) => Delivery, means: DeliveryMeans) => Delivery,
): Parts {
  const { createDelivery } = healthy.gateway;
  return {
    ...healthy,
    gateway: { ...healthy.gateway, createDelivery: (means) => make(createDelivery, means) },
  };
}
