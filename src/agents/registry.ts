import type { Agent, AgentClass, AgentName } from './agent.ts';

/** Where a run's agents come from. */
export interface AgentRegistry {
  /** An instance that served nobody before, for one turn. Throws what its constructor throws. */
  fresh(agent: AgentName): Agent;
}

/** A registry of classes: it keeps no instance, so that no turn finds what another left behind. */
export function createAgentRegistry(agents: Readonly<Record<AgentName, AgentClass>>): AgentRegistry {
  return { fresh: (agent) => new agents[agent]() };
}
