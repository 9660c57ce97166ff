import { describe, expect, it } from 'vitest';
import { HarnessError } from '../errors.ts';
import { CaseRow } from './generate.ts';
import { type SearchOptions, search } from './search.ts';
import { toyPlay, toyRequest, toyRoom, toyScenario } from './toy.fixture.ts';

function options(changes: Partial<SearchOptions> = {}): SearchOptions {
  return {
    scenario: toyScenario,
    request: toyRequest,
    room: toyRoom(1),
    seed: 585,
    budget: { runs: 120, shrinkPlays: 500 },
    now: () => 0,
    ...changes,
  };
}

describe('the row of cases', () => {
  it('gives the same case for the same seed and index, whatever was asked before', () => {
    const row = new CaseRow(toyScenario, 7);
    const inOrder = Array.from({ length: 120 }, (_, index) => row.at(index));
    const again = new CaseRow(toyScenario, 7);
    for (const index of [119, 3, 60, 0]) expect(again.at(index)).toEqual(inOrder[index]);
    expect(new Set(inOrder.map(({ seed }) => seed)).size).toBe(120);
    expect(new CaseRow(toyScenario, 8).at(0)).not.toEqual(inOrder[0]);
  });

  it('shrinks from the very case that it gave, and keeps its seed', async () => {
    const row = new CaseRow(toyScenario, 7);
    for (const index of [0, 49, 50, 77]) {
      const shown: unknown[] = [];
      const same = await row.shrink(index, async (smaller) => {
        shown.push(smaller);
        return false;
      });
      expect(same).toEqual(row.at(index));
      expect(shown.length).toBeGreaterThan(3);
    }
    const smallest = await row.shrink(50, async () => true);
    expect(smallest.seed).toBe(row.at(50).seed);
    expect(smallest.users.map(({ id }) => id)).toEqual(['alice']);
  });

  it('does not take a world that breaks while shrinking for a case that fails', async () => {
    const row = new CaseRow(toyScenario, 7);
    let asked = 0;
    const shrinking = row.shrink(50, async () => {
      asked += 1;
      throw new HarnessError('environment', 'Redis went away', 'Start it.');
    });
    await expect(shrinking).rejects.toThrow('Redis went away');
    expect(asked).toBe(1);
  });
});

describe('a search', () => {
  it('finds what is broken and shrinks it to the same failure', async () => {
    const { found, broken, tally } = await search(options());
    expect(broken).toEqual(['never-meets-map', 'never-meets-bigint']);
    expect(tally.cases).toBe(120);
    for (const { failure, shrunk, original } of found) {
      const recipe = failure.invariant.replace('never-meets-', '');
      expect(original.contaminations.map((each) => each.recipe)).toContain(recipe);
      expect(shrunk.contaminations).toEqual([
        expect.objectContaining({ recipe, path: failure.place.split('/') }),
      ]);
      expect(shrunk.users).toHaveLength(1);
      expect(shrunk.users[0]?.actions).toHaveLength(2);
    }
    expect(found.map(({ failure }) => failure.invariant).sort()).toEqual([
      'never-meets-bigint',
      'never-meets-map',
    ]);
  });

  it('gives the same outcome on one thread and on eight', async () => {
    const outcomes = await Promise.all(
      [1, 8].map(async (threads) => {
        const { tally, ...rest } = await search(options({ room: toyRoom(threads), stopAtFirst: true }));
        return { ...rest, sums: tally.result() };
      }),
    );
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]?.found).toHaveLength(1);
  });

  it('counts cases, faults and metrics', async () => {
    const { tally } = await search(options({ budget: { runs: 60, shrinkPlays: 0 } }));
    const { cases, faults, metrics, invariants } = tally.result();
    expect(cases).toBe(60);
    expect(faults).toEqual([
      { name: 'contaminate agent', planned: faults[0]?.planned, fired: faults[0]?.planned },
    ]);
    expect(faults[0]?.planned).toBeGreaterThanOrEqual(60);
    expect(metrics[0]?.value).toBeGreaterThan(60 * 5);
    expect(invariants.map(({ checked }) => checked)).toEqual([60, 60]);
    expect(tally.verdict()).toMatchObject({ verdict: 'broken', why: 'a map was met' });
  });

  it('stops at the first failure of the invariant that is sought', async () => {
    const { found, tally } = await search(options({ seek: 'never-meets-bigint', stopAtFirst: true }));
    expect(found.map(({ failure }) => failure.invariant)).toEqual(['never-meets-bigint']);
    expect(found[0]?.casesUntilFound).toBe(tally.cases);
    expect(tally.cases).toBeLessThan(120);
  });

  it('keeps to its budget of shrinking', async () => {
    const room = toyRoom(1);
    const { found } = await search(
      options({ room, budget: { runs: 40, shrinkPlays: 5 }, seek: 'never-meets-map', stopAtFirst: true }),
    );
    expect(found[0]?.shrinkPlays).toBe(5);
    expect(room.plays).toBe((found[0]?.casesUntilFound ?? 0) + 5);
  });

  it('begins no case after its time', async () => {
    let time = 0;
    const now = (): number => time++;
    const { tally, interrupted } = await search(
      options({ now, budget: { runs: 1_000, ms: 30, shrinkPlays: 0 } }),
    );
    expect(tally.cases).toBeGreaterThan(0);
    expect(tally.cases).toBeLessThan(31);
    expect(interrupted).toBe(false);
  });

  it('ends with what it has when it is interrupted', async () => {
    const controller = new AbortController();
    const { tally, interrupted } = await search(
      options({
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 10) controller.abort();
        },
      }),
    );
    expect(tally.cases).toBe(10);
    expect(interrupted).toBe(true);
  });

  it('rejects when the world itself fails', async () => {
    const failing = toyRoom(2, async (playing) => {
      if (playing.seed % 5 === 0) throw new HarnessError('environment', 'Redis went away', 'Start it.');
      return toyPlay(playing);
    });
    await expect(search(options({ room: failing }))).rejects.toThrow('Redis went away');
  });
});
