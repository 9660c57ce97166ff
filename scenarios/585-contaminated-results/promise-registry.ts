import type { Agent, AgentClass, AgentName } from '../../src/agents/agent.ts';
import type { AgentRegistry } from '../../src/agents/registry.ts';

type Agents = Readonly<Record<AgentName, AgentClass>>;

/**
 * An adapter with a synchronous look-up over factories of which some are asynchronous: it keeps what a
 * factory returned and hands that out, a promise in place of an agent.
 */
export function promiseRegistry(agents: Agents): AgentRegistry {
  const kept = new Map<AgentName, unknown>();
  return {
    fresh(agent) {
      if (!kept.has(agent)) kept.set(agent, factories[agent](agents[agent]));
      return kept.get(agent) as Agent;
    },
  };
}

const made = (AgentClass: AgentClass): Agent => new AgentClass();
const madeAsync = async (AgentClass: AgentClass): Promise<Agent> => made(AgentClass);

/** In the log only triage and actions came as far as the adapter; the others had failed before it. */
const factories: Readonly<Record<AgentName, (AgentClass: AgentClass) => Agent | Promise<Agent>>> = {
  triage: madeAsync,
  data: made,
  data_helper: made,
  optimization: made,
  actions: madeAsync,
  reporting: made,
};
