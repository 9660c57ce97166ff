import type { Agent, AgentInput, AgentMeans, AgentName } from '../../src/agents/agent.ts';
import type { AgentRegistry } from '../../src/agents/registry.ts';

/** What agents returned, as the objects that they are. Of one run. */
export type LiveResults = Map<AgentName, unknown>;

/** The same registry; what its agents return is kept as it is, before anybody encodes it. */
export function keepingResults(registry: AgentRegistry, live: LiveResults): AgentRegistry {
  return { fresh: (agent) => new Keeping(registry.fresh(agent), (result) => live.set(agent, result)) };
}

class Keeping implements Agent {
  readonly #inner: Agent;
  readonly #keep: (result: unknown) => void;

  constructor(inner: Agent, keep: (result: unknown) => void) {
    this.#inner = inner;
    this.#keep = keep;
  }

  async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
    const result = await this.#inner.run(input, means, signal);
    this.#keep(result);
    return result;
  }

  dispose(): void {
    this.#inner.dispose?.();
  }
}
