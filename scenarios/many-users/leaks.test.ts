import { afterAll, expect, it } from 'vitest';
import { search } from '../../harness/explore/search.ts';
import { createSimulatedPool } from '../../harness/worlds/simulated/pool.ts';
import scenarios from './scenario.ts';

const pool = createSimulatedPool({ threads: 2 });
afterAll(() => pool.close());

it.each([
  ['steps-counted-for-all', 'a-run-is-the-same-in-company'],
  ['cache-for-all', 'nobody-sees-anothers-values'],
])('a pipeline with %s is caught by %s, and by no other', async (name, invariant) => {
  const scenario = scenarios.find(({ id }) => id.endsWith('/company'));
  if (scenario === undefined) throw new Error('no scenario of company');
  const { broken } = await search({
    scenario,
    request: {
      module: new URL('./scenario.ts', import.meta.url).href,
      scenario: scenario.id,
      defect: { module: new URL('./leaks.fixture.ts', import.meta.url).href, name },
    },
    room: pool,
    seed: 375,
    budget: { runs: 30, shrinkPlays: 0 },
    stopAtFirst: true,
    now: () => 0,
  });
  expect(broken).toEqual([invariant]);
});
