import { describe, expect, it, vi } from 'vitest';
import { discoverIncidents, scenariosOf } from '../harness/discover.ts';
import { CaseRow } from '../harness/explore/generate.ts';
import type { SearchOutcome } from '../harness/explore/search.ts';
import { brokenIn, requestFor, runs, searches, seed } from './searching.fixture.ts';
import sentinels from './sentinels.ts';

/** Whole searches, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 });

const { room, searching } = searches();

describe.each(scenariosOf(await discoverIncidents()))('$scenario.id', (target) => {
  let searched: Promise<SearchOutcome> | undefined;
  /** By case. */
  const hashes = new Map<string, string>();
  /** One search tells whether it holds, what it exercised, and what fired. */
  function healthy(): Promise<SearchOutcome> {
    searched ??= searching(target, {
      budget: { runs, shrinkPlays: 100 },
      room: {
        threads: room.threads,
        examine: async (playing, request) => {
          const examination = await room.examine(playing, request);
          hashes.set(JSON.stringify(playing), examination.hash);
          return examination;
        },
      },
    });
    return searched;
  }

  it('holds', async () => {
    const outcome = await healthy();
    expect(brokenIn(outcome)).toEqual([]);
    expect(outcome.tally.verdict()).toMatchObject({ verdict: 'holds' });
  });

  it('exercises each of its invariants', async () => {
    const { tally } = await healthy();
    const idle = tally.result().invariants.filter(({ coverage }) => coverage !== 'exercised');
    expect(idle.map(({ name }) => name)).toEqual([]);
  });

  it('replays: the same case gives the same history', async () => {
    await healthy();
    const row = new CaseRow(target.scenario, seed);
    for (let index = 0; index < 3; index++) {
      const playing = row.at(index);
      const { hash } = await room.examine(playing, requestFor(target));
      expect(hash).toBe(hashes.get(JSON.stringify(playing)));
    }
  });

  it('has faults that fire', async () => {
    const { tally } = await healthy();
    const { faults } = tally.result();
    expect(faults.length).toBeGreaterThan(0);
    // Chance decides about the few of one, and where there are many kinds, of more; of a handful a third is enough.
    for (const { planned, fired } of faults) {
      if (planned < (faults.length > 10 ? 5 : 3)) continue;
      expect(fired).toBeGreaterThan(planned / (planned < 8 ? 3 : 2));
    }
    const sum = (of: 'planned' | 'fired'): number => faults.reduce((total, each) => total + each[of], 0);
    expect(sum('fired')).toBeGreaterThan(sum('planned') / 2);
  });

  it.each(sentinels.map(({ name }) => name))('is broken by a pipeline that %s', async (name) => {
    const sentinel = { module: new URL('./sentinels.ts', import.meta.url).href, name };
    const outcome = await searching(target, { stopAtFirst: true }, sentinel);
    expect(outcome.broken).not.toEqual([]);
    expect(outcome.tally.cases).toBe(1);
  });
});
