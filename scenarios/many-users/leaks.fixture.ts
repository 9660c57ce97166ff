import type { Defect } from '../../harness/scenario.ts';
import type { AgentMeans } from '../../src/agents/agent.ts';

/** Pipelines in which something of one user reaches another: they were never anybody's. */
const leaks: readonly Defect[] = [
  {
    name: 'steps-counted-for-all',
    kind: 'as-reported',
    story:
      'The steps of thinking are numbered for all users together: nothing of the others is shown but that they are there.',
    breaks: [],
    passes: [],
    parts: (healthy) => {
      let steps = 0;
      const counting = (given: AgentMeans, emit: (reasoning: string, step: number) => Promise<void>) => ({
        ...given,
        emit: { thinking: (reasoning: string) => emit(reasoning, ++steps) },
      });
      return {
        ...healthy,
        createEngine: (means) =>
          healthy.createEngine({
            ...means,
            means: (agent, context, signal) =>
              counting(means.means(agent, context, signal), (reasoning, step_number) =>
                means.emit('agent_thinking', agent, { status: 'thinking', reasoning, step_number }),
              ),
          }),
      };
    },
  },
  {
    name: 'cache-for-all',
    kind: 'as-reported',
    story: 'What was computed for one user serves whoever asks the same.',
    breaks: [],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createCache: ({ keys, ...options }) =>
        healthy.createCache({
          ...options,
          keys: { ...keys, cached: (_user, agent, hash) => keys.cached('everybody', agent, hash) },
        }),
    }),
  },
];

export default leaks;
