import type { IPolicy } from 'cockatiel';
import type { Defect } from '../../harness/scenario.ts';
import type { AgentName } from '../../src/agents/agent.ts';
import type { Parts } from '../../src/parts.ts';
import { behind, breakerWith } from './breakers.ts';
import { EventAdapters, throughAdapters } from './event-adapters.ts';
import { oneOfEach } from './one-of-each.ts';
import { LivingAgent } from './terminal-state.ts';

const sequential = 'agent-restart/sequential';
const concurrent = 'agent-restart/concurrent';
const stays = 'a-failure-stays-where-it-happened';

const defects: readonly Defect[] = [
  {
    name: 'sticky-terminal-state',
    kind: 'as-reported',
    story:
      'One instance of each agent served everybody. One that had failed was shut down, and from that state nothing led back: every later request, whoever asked, came to a stop at "triage started". The report argues it and never shows it; the table of states is in the source.',
    breaks: [{ scenario: sequential, invariant: stays }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createRegistry: oneOfEach((instance) => new LivingAgent(instance)),
    }),
  },
  {
    name: 'adapter-of-the-failed-run',
    kind: 'as-reported',
    story:
      'What an agent had to say went through an adapter on its one instance, bound to a run when none was bound and let go at a good end. After a failure it stayed bound, and the events of later runs went to the dead one. Two at once met the same in clean work, too: one had the events of the other.',
    breaks: [
      { scenario: sequential, invariant: stays, needs: 1 },
      // None in clean work; where a search comes upon it among failures, it goes on with those.
      { scenario: concurrent, invariant: 'nobody-sees-anothers-values', users: 2, needs: 3 },
    ],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => {
      const adapters = new EventAdapters();
      return onOneOfEach(healthy, adapters, {
        begins: (agent, own) => adapters.bind(agent, own),
        ends: (agent, ok) => {
          if (ok) adapters.release(agent);
        },
      });
    },
  },
  {
    name: 'breaker-on-the-instance',
    kind: 'as-reported',
    story:
      'Each agent had a circuit breaker, and there was one instance of each agent: five failures of one user opened it for a minute, for all users.',
    breaks: [{ scenario: sequential, invariant: stays, needs: 5 }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createRegistry: oneOfEach((instance) => behind(breakerWith({ failures: 5, openMs: 60_000 }), instance)),
    }),
  },
  {
    name: 'reset-on-get',
    kind: 'half-fix',
    story:
      'The first remedy: whoever gets an agent resets it first, its state, its adapter and its breaker. One request after the other is healed by that. But the instance is still the only one: the reset wipes the run that another user has on it at that moment, and what that run has to say goes to whoever came last.',
    breaks: [{ scenario: concurrent, invariant: 'nobody-sees-anothers-values', users: 2 }],
    passes: [sequential],
    spoilsCleanWork: true,
    parts: (healthy) => {
      const adapters = new EventAdapters();
      return onOneOfEach(healthy, adapters, {
        begins: (agent, own) => {
          adapters.release(agent);
          adapters.bind(agent, own);
        },
        ends: () => {},
      });
    },
  },
  {
    name: 'breaker-shared-by-all',
    kind: 'half-fix',
    story:
      'Instances were made afresh for each request, and their breakers had moved to the engine, one for each agent by its name: three failures of one user still refuse that agent to everybody for half a minute.',
    breaks: [{ scenario: concurrent, invariant: stays, needs: 3 }],
    passes: [],
    parts: (healthy) => {
      const breakers = new Map<AgentName, IPolicy>();
      const breakerOf = (agent: AgentName): IPolicy => {
        const breaker = breakers.get(agent) ?? breakerWith({ failures: 3, openMs: 30_000 });
        breakers.set(agent, breaker);
        return breaker;
      };
      return {
        ...healthy,
        createRegistry: (agents) => {
          const registry = healthy.createRegistry(agents);
          return { fresh: (agent) => behind(breakerOf(agent), registry.fresh(agent)) };
        },
      };
    },
  },
];

export default defects;

function onOneOfEach(
  healthy: Parts,
  adapters: EventAdapters,
  turn: Parameters<typeof throughAdapters>[2],
): Parts {
  return {
    ...healthy,
    createRegistry: oneOfEach((instance) => instance),
    createEngine: throughAdapters(healthy.createEngine, adapters, turn),
  };
}
