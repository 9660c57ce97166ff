import type { AgentSucceeded } from '../../src/agents/agent.ts';
import type { Parts } from '../../src/parts.ts';
import { keepingResults, type LiveResults } from './live-results.ts';

type CreateEngine = Parts['createEngine'];

/** The same engine, but what goes into the cache is the object that the agent returned, and no account. */
export function cachingLiveResults(createHealthy: CreateEngine): CreateEngine {
  return (means) => {
    const live: LiveResults = new Map();
    const { cache } = means;
    return createHealthy({
      ...means,
      registry: keepingResults(means.registry, live),
      cache: {
        get: (agent, context, input) => cache.get(agent, context, input),
        set: (agent, context, input, outcome) => {
          if (!outcome.ok || !live.has(agent)) return cache.set(agent, context, input, outcome);
          const data = live.get(agent) as AgentSucceeded['data'];
          return cache.set(agent, context, input, { agent, ok: true, data, account: [] });
        },
      },
    });
  };
}
