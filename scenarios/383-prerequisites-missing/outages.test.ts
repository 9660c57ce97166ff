import { afterAll, expect, it } from 'vitest';
import { search } from '../../harness/explore/search.ts';
import { createSimulatedPool } from '../../harness/worlds/simulated/pool.ts';
import scenarios from './scenario.ts';

const pool = createSimulatedPool({ threads: 2 });
afterAll(() => pool.close());

it.each(scenarios)(
  '$id is broken by a pipeline that takes an outage to last for ever',
  {
    timeout: 120_000,
  },
  async (scenario) => {
    const { found } = await search({
      scenario,
      request: {
        module: new URL('./scenario.ts', import.meta.url).href,
        scenario: scenario.id,
        defect: {
          module: new URL('./remembers-outages.fixture.ts', import.meta.url).href,
          name: 'remembers-outages',
        },
      },
      room: pool,
      seed: 383,
      budget: { runs: 20, shrinkPlays: 40 },
      seek: 'service-returns-after-the-storm',
      stopAtFirst: true,
      now: () => 0,
    });
    expect(found.map(({ failure }) => failure)).toEqual([
      { invariant: 'service-returns-after-the-storm', place: 'calm/PREREQUISITE_FAILED' },
    ]);
    expect(found[0]?.shrunk.process).toHaveLength(1);
  },
);
