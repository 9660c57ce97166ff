import type { Agent, AgentInput, AgentMeans } from '../../src/agents/agent.ts';

type State = 'pending' | 'running' | 'completed' | 'shutdown';

/** An instance with a life of its own: whoever saw it fail shut it down, and from there nothing leads back. */
export class LivingAgent implements Agent {
  readonly #inner: Agent;
  #state: State = 'pending';

  constructor(inner: Agent) {
    this.#inner = inner;
  }

  async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
    this.#enter('running');
    try {
      const result = await this.#inner.run(input, means, signal);
      this.#enter('completed');
      return result;
    } catch (thrown) {
      this.#state = 'shutdown';
      throw thrown;
    }
  }

  #enter(state: State): void {
    if (this.#state === 'shutdown') throw new Error(`invalid state transition: shutdown to ${state}`);
    this.#state = state;
  }
}
