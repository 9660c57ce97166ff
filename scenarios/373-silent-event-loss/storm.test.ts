import { afterAll, expect, it } from 'vitest';
import { search } from '../../harness/explore/search.ts';
import { createSimulatedPool } from '../../harness/worlds/simulated/pool.ts';
import scenarios from './scenario.ts';

const pool = createSimulatedPool({ threads: 2 });
afterAll(() => pool.close());

it('is broken by a pipeline that does not come back, though it loses nothing', {
  timeout: 180_000,
}, async () => {
  const scenario = scenarios.find(({ id }) => id.endsWith('storm'));
  if (scenario === undefined) throw new Error('there is no storm');
  const { found } = await search({
    scenario,
    request: {
      module: new URL('./scenario.ts', import.meta.url).href,
      scenario: scenario.id,
      defect: { module: new URL('./stays-down.fixture.ts', import.meta.url).href, name: 'stays-down' },
    },
    room: pool,
    seed: 373,
    budget: { runs: 60, shrinkPlays: 60 },
    seek: 'service-returns-after-the-storm',
    stopAtFirst: true,
    now: () => 0,
  });
  expect(found.map(({ failure }) => failure)).toEqual([
    { invariant: 'service-returns-after-the-storm', place: 'calm/STORE_UNAVAILABLE' },
  ]);
  const [{ shrunk } = { shrunk: undefined }] = found;
  expect((shrunk?.faults.length ?? 0) + (shrunk?.process?.length ?? 0)).toBe(1);
});
