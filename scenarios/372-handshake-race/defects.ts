import type { Defect } from '../../harness/scenario.ts';
import { createServerMessage } from './create-server-message.ts';
import { listeningFromTheStart } from './listening-from-the-start.ts';
import { uncalledMachines } from './uncalled-machines.ts';

const scenario = '372/handshake-race';

const defects: readonly Defect[] = [
  {
    name: 'listening-too-early',
    kind: 'as-reported',
    story:
      'The loop that reads messages began as soon as the connection was accepted, and handed on whatever came, whether its handshake was complete or not.',
    breaks: [{ scenario, invariant: 'nothing-is-processed-before-the-handshake' }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      gateway: {
        ...healthy.gateway,
        createHandshake: (bounds) => listeningFromTheStart(healthy.gateway.createHandshake(bounds)),
      },
    }),
  },
  {
    name: 'listener-attached-late',
    kind: 'as-reported',
    story:
      'What hears messages was attached after the services had been waited for, and some milliseconds later still: what came before fell on deaf ears.',
    breaks: [{ scenario, invariant: 'early-messages-are-kept-or-refused' }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      gateway: {
        ...healthy.gateway,
        open: async (steps) => {
          const ready = await steps.servicesReady();
          await steps.pause(5);
          if (!steps.isWaiting()) return;
          if (!ready) {
            steps.refuse('SERVICE_NOT_READY');
            return;
          }
          steps.listen();
          steps.servicesPassed();
          steps.welcome();
          steps.begin();
        },
      },
    }),
  },
  {
    name: 'machines-never-called',
    kind: 'half-fix',
    story:
      'Two state machines were written against the race, imported by the endpoint, and never called. The check whether a connection is ready found no machine for it and said: no state machine, proceed.',
    breaks: [{ scenario, invariant: 'nothing-is-processed-before-the-handshake' }],
    passes: [],
    parts: (healthy) => {
      const machines = uncalledMachines();
      return {
        ...healthy,
        gateway: {
          ...healthy.gateway,
          createHandshake: (bounds) => machines.beside(healthy.gateway.createHandshake(bounds)),
        },
      };
    },
  },
  {
    name: 'fixed-sleeps',
    kind: 'half-fix',
    story:
      'In place of a condition the endpoint slept after the accept, 100 ms and then 25 ms for the connection to become stable (5 ms outside the cloud), and only then began to listen.',
    breaks: [{ scenario, invariant: 'early-messages-are-kept-or-refused' }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      gateway: {
        ...healthy.gateway,
        open: async (steps) => {
          await steps.pause(100);
          await steps.pause(25);
          if (!steps.isWaiting()) return;
          steps.listen();
          steps.servicesPassed();
          steps.welcome();
          steps.begin();
        },
      },
    }),
  },
  {
    name: 'wrong-arguments',
    kind: 'as-reported',
    story:
      'The helper that makes a server message takes a type and its data; after the accept it was called with one object. It threw, and every connection closed with 1011.',
    breaks: [{ scenario, invariant: 'every-refusal-is-explained' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => ({
      ...healthy,
      gateway: {
        ...healthy.gateway,
        open: async (steps) => {
          steps.listen();
          if (!(await steps.servicesReady()) || !steps.isWaiting()) return;
          steps.servicesPassed();
          createServerMessage({ type: 'connection_established', data: { connection_ready: true } });
          steps.welcome();
          steps.begin();
        },
      },
    }),
  },
];

export default defects;
