import type { Defect } from '../../harness/scenario.ts';
import { rememberingSuccesses } from './remembering-successes.ts';

const scenario = '383/doomed-runs';
const invariant = 'doomed-runs-are-refused-at-once';

const defects: readonly Defect[] = [
  {
    name: 'nothing-checked',
    kind: 'as-reported',
    story:
      'A run was taken on without a look at what it needs. It failed when it came to what was missing: late, and after models had been asked. Read in the source.',
    breaks: [{ scenario, invariant, needs: 0 }],
    passes: [],
    parts: (healthy) => ({ ...healthy, createPrerequisites: () => ({ check: async () => {} }) }),
  },
  {
    name: 'stubs',
    kind: 'half-fix',
    story:
      'The fix had a check for everything, in six categories. Several of them had nothing in them yet, and said that all was well. Read in its source.',
    breaks: [{ scenario, invariant, needs: 0 }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createPrerequisites: (means) =>
        healthy.createPrerequisites({
          ...means,
          checks: means.checks.map((check) => ({ ...check, find: () => null })),
        }),
    }),
  },
  {
    name: 'successes-cached',
    kind: 'half-fix',
    story:
      'What a check had found was kept for 30 s, where it was good: a dependency that died was taken to be there until that was over. Read in the source.',
    breaks: [{ scenario, invariant, needs: 0 }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createPrerequisites: (means) =>
        healthy.createPrerequisites({
          ...means,
          checks: means.checks.map((check) => rememberingSuccesses(check, means.clock)),
        }),
    }),
  },
];

export default defects;
