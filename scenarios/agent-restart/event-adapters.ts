import type { AgentMeans, AgentName } from '../../src/agents/agent.ts';
import type { Engine } from '../../src/execution/engine.ts';
import type { EngineMeans } from '../../src/execution/engine-means.ts';
import type { Parts } from '../../src/parts.ts';

/** Where the events of an agent go: into one run, whoever's it is. */
type Adapter = EngineMeans['emit'];

/** The one instance of each agent, as far as it holds what it was last bound to. */
export class EventAdapters {
  readonly #bound = new Map<AgentName, Adapter>();

  /** Binds an instance that is bound to none. */
  bind(agent: AgentName, adapter: Adapter): void {
    if (!this.#bound.has(agent)) this.#bound.set(agent, adapter);
  }

  release(agent: AgentName): void {
    this.#bound.delete(agent);
  }

  /** What cannot be sent was a line in the log. */
  async emit(agent: AgentName, ...event: Parameters<Adapter>): Promise<void> {
    await this.#bound
      .get(agent)?.(...event)
      .catch(() => {});
  }
}

/**
 * Agents' events go through the adapter on the one instance of each agent. `begins` and `ends` say what is done
 * to the instance before a turn and after it.
 */
export function throughAdapters(
  createEngine: Parts['createEngine'],
  adapters: EventAdapters,
  turn: {
    begins(agent: AgentName, own: Adapter): void;
    ends(agent: AgentName, ok: boolean): void;
  },
): Parts['createEngine'] {
  return (means): Engine => {
    const emit = ((type, agent, payload) => adapters.emit(agent, type, agent, payload)) as Adapter;
    const engine = createEngine({
      ...means,
      emit,
      means: (agent, context, signal) => thinkingThrough(means.means(agent, context, signal), agent, emit),
    });
    return {
      async run(step) {
        turn.begins(step.agent, means.emit);
        const outcome = await engine.run(step);
        turn.ends(step.agent, outcome.ok);
        return outcome;
      },
    };
  };
}

function thinkingThrough(given: AgentMeans, agent: AgentName, emit: Adapter): AgentMeans {
  let steps = 0;
  return {
    ...given,
    emit: {
      thinking: (reasoning) => {
        steps += 1;
        return emit('agent_thinking', agent, { status: 'thinking', reasoning, step_number: steps });
      },
    },
  };
}
