import type { Agent, AgentClass, AgentName } from '../../src/agents/agent.ts';
import type { Parts } from '../../src/parts.ts';

/**
 * The old registry, one for the process: the first instance of an agent is kept and handed out to everybody,
 * for ever, within what `around` puts around it. Nobody disposes of it.
 */
export function oneOfEach(around: (instance: Agent) => Agent): Parts['createRegistry'] {
  const kept = new Map<AgentName, Agent>();
  const instanceOf = (name: AgentName, AgentClass: AgentClass): Agent => {
    const instance = kept.get(name) ?? undisposed(around(new AgentClass()));
    kept.set(name, instance);
    return instance;
  };
  return (agents) => ({ fresh: (name) => instanceOf(name, agents[name]) });
}

function undisposed(agent: Agent): Agent {
  return { run: (input, means, signal) => agent.run(input, means, signal) };
}
