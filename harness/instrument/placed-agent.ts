import type { Agent, AgentInput, AgentMeans, AgentName } from '../../src/agents/agent.ts';
import { importedAgent } from '../../src/execution/places/inside-room.ts';
import type { AgentSource } from '../../src/execution/places/room-words.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Misbehaviour } from '../misbehaviour.ts';
import { AgentExchange } from './agent-exchange.ts';
import { exchange } from './exchange.ts';
import type { Decision, InsideHost } from './inside-host.ts';
import { misbehave } from './misbehaving.ts';
import { hostTool, type ToHost } from './placed-agents.ts';

export interface PlacedAgentOptions {
  readonly agent: AgentName;
  readonly inner: AgentSource;
}

/** How a simulation does what cannot be done in its own thread. */
export interface PlacedAgentMeans {
  make(source: AgentSource, agent: AgentName): Promise<Agent>;
  misbehave(fate: Misbehaviour): Promise<unknown>;
}

/** An agent apart from the gateway, wrapped where it runs: poison is in its result before it is encoded. */
export class PlacedAgent implements Agent {
  readonly #options: PlacedAgentOptions;
  readonly #means: PlacedAgentMeans;
  #inner: Agent | null = null;

  constructor(options: PlacedAgentOptions, means: PlacedAgentMeans = { make: importedAgent, misbehave }) {
    this.#options = options;
    this.#means = means;
  }

  async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
    const { agent, inner } = this.#options;
    const carryOut = async () => {
      this.#inner = await this.#means.make(inner, agent);
      return this.#inner.run(input, means, signal);
    };
    const { misbehave } = this.#means;
    return exchange(hostOver(means), new AgentExchange(agent, input, { signal, carryOut, misbehave }));
  }

  dispose(): void {
    this.#inner?.dispose?.();
  }
}

function hostOver(means: AgentMeans): InsideHost {
  const tell = async (message: ToHost): Promise<unknown> => {
    const outcome = await means.tools.call(hostTool, message as unknown as JsonObject);
    return outcome.ok ? outcome.data : null;
  };
  return {
    meet: async (draft) => (await tell({ do: 'meet', draft })) as Decision,
    fired: (meeting) => void tell({ do: 'fired', meeting }),
    passed: (meeting) => void tell({ do: 'passed', meeting }),
    poisoned: (meeting, index) => void tell({ do: 'poisoned', meeting, index }),
    record: (draft) => void tell({ do: 'record', draft }),
  };
}
