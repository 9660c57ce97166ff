import type { Defect } from '../harness/scenario.ts';

/**
 * Pipelines that must come out broken in every scenario, or the alarm does not ring: one that refuses
 * whatever it is asked, and one that never answers.
 */
const sentinels: readonly Defect[] = [
  {
    name: 'refuses-everything',
    kind: 'as-reported',
    story: 'Every agent fails at once, without having been run: safe, and of no use.',
    breaks: [],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createEngine: (means) => ({
        async run({ agent }) {
          await means.emit('agent_started', agent, { status: 'started' });
          await means.emit('agent_completed', agent, {
            status: 'failed',
            code: 'SERVICE_NOT_READY',
            execution_time_ms: 0,
          });
          return { agent, ok: false, code: 'SERVICE_NOT_READY' };
        },
      }),
    }),
  },
  {
    name: 'never-answers',
    kind: 'as-reported',
    story: 'Accepts what it is asked and is never heard of again.',
    breaks: [],
    passes: [],
    parts: (healthy) => ({ ...healthy, createEngine: () => ({ run: () => new Promise(() => {}) }) }),
  },
];

export default sentinels;
