import { PipelineError } from '../errors.ts';
import type { Agent, AgentClass, AgentName } from './agent.ts';

/** Where a run's agents come from. */
export interface AgentRegistry {
  /** An instance that served nobody before, for one turn. Throws what its constructor throws. */
  fresh(agent: AgentName): Agent;
}

/** Classes by name, closed once it is frozen. It keeps no instance: no turn finds what another left behind. */
export class AgentClassRegistry implements AgentRegistry {
  readonly #classes = new Map<AgentName, AgentClass>();
  #frozen = false;

  /** Throws CONFIGURATION_INVALID for a name that is taken, or once the registry is frozen. */
  register(agent: AgentName, agentClass: AgentClass): this {
    if (this.#frozen) throw refused(agent, 'the registry is frozen');
    if (this.#classes.has(agent)) throw refused(agent, 'the name is taken');
    this.#classes.set(agent, agentClass);
    return this;
  }

  /** From here on it stays as it is. */
  freeze(): this {
    this.#frozen = true;
    return this;
  }

  fresh(agent: AgentName): Agent {
    const agentClass = this.#classes.get(agent);
    if (agentClass === undefined) throw refused(agent, 'no class is registered');
    return new agentClass();
  }
}

/** A frozen registry of these classes. */
export function createAgentRegistry(agents: Readonly<Record<AgentName, AgentClass>>): AgentRegistry {
  const registry = new AgentClassRegistry();
  for (const [name, agentClass] of Object.entries(agents)) registry.register(name as AgentName, agentClass);
  return registry.freeze();
}

function refused(agent: AgentName, why: string): PipelineError {
  return new PipelineError('CONFIGURATION_INVALID', { detail: `the agent ${agent}: ${why}` });
}
