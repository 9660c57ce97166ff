import type { AgentInput, AgentName } from '../../src/agents/agent.ts';
import type { Exchange } from './exchange.ts';
import { plainCopy } from './plain-copy.ts';

/** What one turn of an agent is on the agent wire, and in a history. */
export function agentExchange(
  agent: AgentName,
  input: AgentInput,
): Omit<Exchange, 'signal' | 'carryOut' | 'misbehave'> {
  const { user_id: user, run_id: run } = input;
  const about = { actor: `agent:${agent}`, user, run, agent };
  return {
    wire: 'agent',
    kind: agent,
    user,
    run,
    asked: () => {
      const { json, plain } = plainCopy(input);
      return { ...about, type: 'agent-asked', input: json, ...(plain ? {} : { live: true }) };
    },
    returned: (clean, poisoned) => ({ ...about, type: 'agent-returned', clean, poisoned }),
    failed: (code) => ({ ...about, type: 'agent-failed', code }),
  };
}
