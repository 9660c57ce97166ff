import type { Defect } from '../../harness/scenario.ts';
import type { Delivery } from '../../src/delivery/delivery.ts';
import { PipelineError } from '../../src/errors.ts';
import type { Parts } from '../../src/parts.ts';
import { collidingIds } from './colliding-ids.ts';
import { confirmedBySending } from './confirmed-by-sending.ts';
import { flagFlipped } from './flag-flipped.ts';

const scenario = '377/unconfirmed-tool-events';

const defects: readonly Defect[] = [
  {
    name: 'no-confirmation',
    kind: 'as-reported',
    story:
      'Nothing of what came back from a client was an answer to an event: whether one had arrived, nobody knew. Read in the source.',
    breaks: [{ scenario, invariant: 'confirmations-are-true' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => delivering(healthy, (delivery) => ({ ...delivery, confirm: async () => {} })),
  },
  {
    name: 'confirmation-of-another-type',
    kind: 'half-fix',
    story:
      'The dispatcher handed on messages of the type "event_confirmation", and the handler then wanted the type "confirmation": every real confirmation was refused as unknown. Read in the source of the fix.',
    breaks: [{ scenario, invariant: 'every-refusal-is-explained' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) =>
      delivering(healthy, (delivery) => ({
        ...delivery,
        confirm: async () => {
          throw new PipelineError('MESSAGE_MALFORMED', { detail: 'type: unknown confirmation' });
        },
      })),
  },
  {
    name: 'confirmed-by-sending',
    kind: 'half-fix',
    story:
      'A second tracker counted an event as confirmed as soon as it had been sent, whoever took it. Read in the source.',
    breaks: [{ scenario, invariant: 'confirmations-are-true' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => delivering(healthy, confirmedBySending),
  },
  {
    name: 'colliding-ids',
    kind: 'half-fix',
    story:
      'The ids of that tracker were made of type, user and millisecond. Of two events in one millisecond the later one took the place of the other: the confirmation of the one counted for the other. Read in the source.',
    breaks: [{ scenario, invariant: 'confirmations-are-true', needs: 0 }],
    passes: [],
    parts: (healthy) => delivering(healthy, collidingIds),
  },
  {
    name: 'flag-flipped',
    kind: 'half-fix',
    story:
      'Its retry queue set the status of an unconfirmed event back to "pending", and nothing ever sent what was pending. Read in the source.',
    breaks: [{ scenario, invariant: 'no-event-is-lost-silently' }],
    passes: [],
    parts: (healthy) => delivering(healthy, flagFlipped),
  },
];

export default defects;

function delivering(healthy: Parts, change: (delivery: Delivery) => Delivery): Parts {
  const { createDelivery } = healthy.gateway;
  return {
    ...healthy,
    gateway: { ...healthy.gateway, createDelivery: (means) => change(createDelivery(means)) },
  };
}
