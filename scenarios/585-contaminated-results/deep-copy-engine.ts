import type {
  Agent,
  AgentClass,
  AgentInput,
  AgentMeans,
  AgentName,
  AgentOutcome,
} from '../../src/agents/agent.ts';
import type { UserExecutionContext } from '../../src/context/context.ts';
import type { EngineMeans } from '../../src/execution/engine-means.ts';
import type { Parts } from '../../src/parts.ts';

type CreateEngine = Parts['createEngine'];

/**
 * The engine of the incident around the healthy one. Results stay the live objects that agents returned; a
 * failed agent leaves one too, with the execution context as its data; and what is handed to an agent is
 * deep-copied on the way in.
 */
export function deepCopyEngine(createHealthy: CreateEngine): CreateEngine {
  return (means) => {
    const live = new Map<AgentName, unknown>();
    const engine = createHealthy({ ...means, agents: keepingResults(means.agents, live) });
    return {
      async run(step) {
        let results: AgentInput['results'];
        try {
          results = structuredClone(handedOn(step.results, live));
        } catch (thrown) {
          return createHealthy(failing(means, step.agent, thrown)).run({ ...step, results: {} });
        }
        const outcome = await engine.run({ ...step, results });
        if (outcome.ok || outcome.code === 'AGENT_TIMEOUT') return outcome;
        const fallback = fallbackResult(step.context);
        live.set(step.agent, fallback);
        // The supervisor stores what it is given; what it hands on is the live object.
        const { text, account } = means.codec.encode(fallback);
        return { agent: step.agent, ok: true, data: means.codec.decode(text), account };
      },
    };
  };
}

/** Looks like a result, and holds the user's session. */
function fallbackResult(context: UserExecutionContext): object {
  return {
    success: false,
    error: 'Agent execution failed',
    data: context,
    metadata: { fallback_result: true },
  };
}

/** The outcomes for an agent, with the objects themselves in place of their encoded form. */
function handedOn(
  results: AgentInput['results'],
  live: ReadonlyMap<AgentName, unknown>,
): AgentInput['results'] {
  return Object.fromEntries(
    Object.values(results).map((outcome: AgentOutcome) => [
      outcome.agent,
      outcome.ok && live.has(outcome.agent) ? { ...outcome, data: live.get(outcome.agent) } : outcome,
    ]),
  );
}

function keepingResults(agents: EngineMeans['agents'], live: Map<AgentName, unknown>): EngineMeans['agents'] {
  const keeping = (Inner: AgentClass): AgentClass =>
    class implements Agent {
      static readonly agentName = Inner.agentName;
      readonly #inner = new Inner();

      async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
        const result = await this.#inner.run(input, means, signal);
        live.set(Inner.agentName, result);
        return result;
      }

      dispose(): void {
        this.#inner.dispose?.();
      }
    };
  return {
    ...agents,
    ...Object.fromEntries(Object.values(agents).map((agent) => [agent.agentName, keeping(agent)])),
  };
}

/** Means with which this agent fails as its input could not be copied: begun, failed and told as any failure. */
function failing(means: EngineMeans, agent: AgentName, thrown: unknown): EngineMeans {
  const Failing: AgentClass = class implements Agent {
    static readonly agentName = agent;

    async run(): Promise<never> {
      throw thrown;
    }
  };
  return { ...means, agents: { ...means.agents, [agent]: Failing } };
}
