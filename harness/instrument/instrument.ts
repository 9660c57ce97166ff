import type { Agent, AgentClass, AgentInput, AgentMeans, AgentName } from '../../src/agents/agent.ts';
import { agentNames } from '../../src/agents/agent.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Parts } from '../../src/parts.ts';
import type { Tool, ToolCallContext } from '../../src/tools/tool.ts';
import { AgentExchange } from './agent-exchange.ts';
import { exchange } from './exchange.ts';
import type { InsideHost } from './inside-host.ts';
import { misbehave } from './misbehaving.ts';
import { instrumentedPlace, wrappedSources } from './placed-agents.ts';
import { plainCopy } from './plain-copy.ts';

/**
 * The same parts with every agent and tool wrapped: what goes in and comes out is recorded, faults on their
 * wires are carried out, and live objects are put into their results where the case says so.
 */
export function instrument(parts: Parts, host: InsideHost): Parts {
  const agents = agentNames.map((name) => [name, wrappedAgent(parts.agents[name], host)] as const);
  return {
    ...parts,
    agents: Object.fromEntries(agents) as Record<AgentName, AgentClass>,
    agentSources: wrappedSources(parts.agentSources),
    createPlace: (means) => instrumentedPlace(parts.createPlace(means), host),
    tools: parts.tools.map((tool) => wrappedTool(tool, host)),
  };
}

/**
 * Bound, and no class of its own: what a class reaches the engine keeps until it looks through all its memory, and
 * for each class it compiles the same code again.
 */
function wrappedAgent(Inner: AgentClass, host: InsideHost): AgentClass {
  return Object.assign(InstrumentedAgent.bind(null, Inner, host), { agentName: Inner.agentName });
}

class InstrumentedAgent implements Agent {
  readonly #agent: AgentName;
  readonly #inner: Agent;
  readonly #host: InsideHost;

  constructor(Inner: AgentClass, host: InsideHost) {
    this.#agent = Inner.agentName;
    this.#inner = new Inner();
    this.#host = host;
  }

  run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
    const carryOut = () => this.#inner.run(input, means, signal);
    return exchange(this.#host, new AgentExchange(this.#agent, input, { signal, carryOut, misbehave }));
  }

  dispose(): void {
    this.#inner.dispose?.();
  }
}

function wrappedTool(tool: Tool, host: InsideHost): Tool {
  return {
    ...tool,
    run: async (args: JsonObject, call: ToolCallContext, signal: AbortSignal): Promise<unknown> => {
      const about = {
        actor: `tool:${tool.name}`,
        user: call.userId,
        run: call.runId,
        tool: tool.name,
        call: call.callId,
      };
      return exchange(host, {
        wire: 'tool',
        kind: tool.name,
        user: call.userId,
        run: call.runId,
        signal,
        carryOut: () => tool.run(args, call, signal),
        asked: () => ({ ...about, type: 'tool-called', arguments: plainCopy(args).json }),
        returned: (clean, poisoned) => ({ ...about, type: 'tool-returned', clean, poisoned }),
        failed: (code) => ({ ...about, type: 'tool-failed', code }),
      });
    },
  };
}
