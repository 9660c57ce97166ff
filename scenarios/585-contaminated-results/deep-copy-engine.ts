import type { AgentInput, AgentOutcome } from '../../src/agents/agent.ts';
import type { AgentRegistry } from '../../src/agents/registry.ts';
import type { UserExecutionContext } from '../../src/context/context.ts';
import type { Parts } from '../../src/parts.ts';
import { keepingResults, type LiveResults } from './live-results.ts';

type CreateEngine = Parts['createEngine'];

/**
 * The engine of the incident around the healthy one. Results stay the live objects that agents returned; a
 * failed agent leaves one too, with the execution context as its data; and what is handed to an agent is
 * deep-copied on the way in.
 */
export function deepCopyEngine(createHealthy: CreateEngine): CreateEngine {
  return (means) => {
    const live: LiveResults = new Map();
    const engine = createHealthy({ ...means, registry: keepingResults(means.registry, live) });
    return {
      async run(step) {
        let results: AgentInput['results'];
        try {
          results = structuredClone(handedOn(step.results, live));
        } catch (thrown) {
          return createHealthy({ ...means, registry: failingWith(thrown) }).run({ ...step, results: {} });
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
function handedOn(results: AgentInput['results'], live: LiveResults): AgentInput['results'] {
  return Object.fromEntries(
    Object.values(results).map((outcome: AgentOutcome) => [
      outcome.agent,
      outcome.ok && live.has(outcome.agent) ? { ...outcome, data: live.get(outcome.agent) } : outcome,
    ]),
  );
}

/** Agents that fail as their input could not be copied: begun, failed and told as any failure. */
function failingWith(thrown: unknown): AgentRegistry {
  return {
    fresh: () => ({
      run: async () => {
        throw thrown;
      },
    }),
  };
}
