import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Case } from '../case.ts';
import { readCase } from '../case-file.ts';
import type { FoundIncident } from '../discover.ts';
import type { History } from '../history.ts';
import { readHistory } from '../history-file.ts';
import type { Defect } from '../scenario.ts';
import { explore } from './explore.ts';
import { type ReproduceOptions, reproduce } from './reproduce.ts';
import { toyPlay, toyRoom, toyScenario, toyTarget, toyWorld } from './toy.fixture.ts';

let out = '';
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'faultline-explore-'));
});
afterEach(() => rm(out, { recursive: true }));

describe('exploring', () => {
  it('writes the small case, the original and both histories, and says how to replay', async () => {
    const { result } = await explore({
      target: toyTarget,
      world: toyWorld('simulated', toyRoom(2)),
      seed: 1,
      budget: { runs: 30, shrinkPlays: 300 },
      now: () => 0,
      out,
    });
    expect(result.counterexamples).toHaveLength(2);
    for (const { caseFile, replay, violations } of result.counterexamples) {
      const folder = join(caseFile, '..');
      const small = await readCase(caseFile);
      const original = await readCase(join(folder, 'original-case.json'));
      expect(small.contaminations).toHaveLength(1);
      expect(small.seed).toBe(original.seed);
      expect(await readHistory(join(folder, 'history.ndjson'))).toEqual(await toyPlay(small));
      expect(await readHistory(join(folder, 'original-history.ndjson'))).toEqual(await toyPlay(original));
      expect(replay).toMatch(/^npx faultline replay \S+case\.json$/);
      expect(violations[0]?.why).toMatch(/^a (map|bigint) was met$/);
    }
    expect(result).toMatchObject({ id: 'toy/poison', incident: 'toy', world: 'simulated', cases: 30 });
  });

  it('keeps the original where the real world does not show the failure in the small case', async () => {
    const rarely = async (playing: Case): Promise<History> =>
      playing.users.length > 1 ? toyPlay(playing) : toyPlay({ ...playing, contaminations: [] });
    const { result } = await explore({
      target: toyTarget,
      world: toyWorld('real', toyRoom(1, rarely)),
      shrinkIn: toyWorld('simulated', toyRoom(1)),
      seed: 1,
      stopAtFirst: true,
      budget: { runs: 30, shrinkPlays: 300 },
      now: () => 0,
      out,
    });
    const [counterexample] = result.counterexamples;
    expect((await readCase(counterexample?.caseFile ?? '')).users.length).toBeGreaterThan(1);
    expect(counterexample?.replay).toContain('--world real');
    expect(counterexample?.violations).not.toEqual([]);
  });
});

describe('where cases are written', () => {
  const exploring = (world: 'simulated' | 'real', folder: string) =>
    explore({
      target: toyTarget,
      world: toyWorld(world, toyRoom(1)),
      seed: 1,
      stopAtFirst: true,
      budget: { runs: 30, shrinkPlays: 0 },
      now: () => 0,
      out: folder,
    });

  it('is another folder for each world: one run may judge both', async () => {
    const worlds = [await exploring('simulated', out), await exploring('real', out)];
    const files = worlds.flatMap(({ result }) => result.counterexamples.map(({ caseFile }) => caseFile));
    expect(files).toHaveLength(2);
    expect(new Set(files).size).toBe(2);
  });

  it('is refused with a reason where nothing can be written', async () => {
    const file = join(out, 'a-file');
    await writeFile(file, '');
    await expect(exploring('simulated', join(file, 'below'))).rejects.toThrow(
      /^Cannot write .*: a file is where a folder should be\.$/,
    );
  });
});

describe('reproducing an incident', () => {
  it('is red on each defect by the invariant that it names, and green on the fix', async () => {
    const result = await reproduce(options({}));
    expect(result).toMatchObject({
      incident: 'toy',
      world: 'real',
      redis: { kind: 'process' },
      ok: true,
      interrupted: false,
      fixed: { verdict: 'holds', cases: 65, realCases: 5 },
    });
    expect(result.fixed).toEqual({ verdict: 'holds', cases: 65, realCases: 5 });
    expect(result.defects).toEqual([
      {
        name: 'lets maps through',
        kind: 'as-reported',
        verdict: 'broken',
        scenario: 'toy/poison',
        expected: 'never-meets-map',
        broken: ['never-meets-map'],
        why: 'a map was met',
        casesUntilFound: expect.any(Number),
        caseFile: expect.stringContaining('toy-poison-never-meets-map-lets-maps-through'),
        shrunk: [
          expect.stringMatching(/^alice asks run-1/),
          expect.stringMatching(/^map at [abc] of the result of data/),
        ],
        replay: expect.stringContaining("--defect 'lets maps through'"),
        confirmed: { k: 3, n: 3 },
      },
    ]);
    const file = JSON.parse(await readFile(result.defects[0]?.caseFile ?? '', 'utf8'));
    expect(file.schema).toBe('faultline.case/1');
  });

  it('is not ok when a defect is not found', async () => {
    const result = await reproduce(options({ defects: [defect({ name: 'does nothing' })] }));
    expect(result.ok).toBe(false);
    expect(result.defects[0]).toMatchObject({
      verdict: 'holds',
      broken: [],
      caseFile: null,
      confirmed: null,
    });
  });

  it('is not ok when another invariant than the named one finds it', async () => {
    const wrong = defect({ breaks: [{ scenario: 'toy/poison', invariant: 'never-meets-bigint' }] });
    const result = await reproduce(options({ defects: [wrong] }));
    expect(result.ok).toBe(false);
    expect(result.defects[0]).toMatchObject({
      verdict: 'broken',
      broken: ['never-meets-map'],
      casesUntilFound: null,
    });
  });

  it('is not ok when a defect does not pass what it says it passes', async () => {
    const result = await reproduce(options({ defects: [defect({ passes: ['toy/poison'] })] }));
    expect(result.ok).toBe(false);
    expect(result.defects[0]?.spoils).toEqual(['toy/poison']);
  });

  it('is not ok when the fix is broken, or the real world never shows the defect', async () => {
    expect(await reproduce(options({ healthy: toyPlay }))).toMatchObject({
      ok: false,
      fixed: { verdict: 'broken', why: 'a map was met' },
    });
    const unconfirmed = await reproduce(options({ realPlay: healthyPlay }));
    expect(unconfirmed).toMatchObject({ ok: false, defects: [{ confirmed: { k: 0, n: 3 } }] });
  });

  it('refuses a folder that re-creates no incident, and says what can be done with it', async () => {
    await expect(reproduce(options({ defects: [] }))).rejects.toMatchObject({
      kind: 'usage',
      message: 'toy re-creates no incident: there is nothing to reproduce',
      remedy: 'Run it: faultline run toy.',
    });
  });

  it('refuses a defect that names an unknown scenario', async () => {
    const lost = defect({ breaks: [{ scenario: 'toy/poisson', invariant: 'never-meets-map' }] });
    await expect(reproduce(options({ defects: [lost] }))).rejects.toThrow(/toy\/poisson/);
  });

  it('refuses a defect that names no invariant: nothing would show that it is caught', async () => {
    const harmless = [defect({}), defect({ name: 'harmless', breaks: [] })];
    await expect(reproduce(options({ defects: harmless }))).rejects.toThrow(
      'the defect harmless of incident toy names no invariant that it breaks',
    );
  });
});

/** The toy's healthy pipeline: what was put in never fires. */
async function healthyPlay(playing: Case): Promise<History> {
  return toyPlay({ ...playing, contaminations: [] });
}

async function mapsPlay(playing: Case): Promise<History> {
  return toyPlay({
    ...playing,
    contaminations: playing.contaminations.filter(({ recipe }) => recipe === 'map'),
  });
}

function defect(changes: Partial<Defect>): Defect {
  return {
    name: 'lets maps through',
    kind: 'as-reported',
    story: 'A toy.',
    breaks: [{ scenario: 'toy/poison', invariant: 'never-meets-map' }],
    passes: [],
    parts: (parts) => parts,
    ...changes,
  };
}

function options({
  defects = [defect({})],
  healthy = healthyPlay,
  realPlay = mapsPlay,
}: {
  defects?: Defect[];
  healthy?: typeof toyPlay;
  realPlay?: typeof toyPlay;
}): ReproduceOptions {
  const incident: FoundIncident = {
    id: 'toy',
    folder: '/toy',
    scenarios: [toyScenario],
    defects,
    scenarioModule: toyTarget.module,
    defectsModule: 'file:///toy-defects.ts',
  };
  const room = (broken: typeof toyPlay) => ({
    ...toyRoom(2),
    examine: (
      playing: Case,
      request: Parameters<ReturnType<typeof toyRoom>['examine']>[1] & { defect?: { name: string } },
    ) =>
      toyRoom(2, request.defect?.name === 'lets maps through' ? broken : healthy).examine(playing, request),
  });
  return {
    incident,
    simulated: toyWorld('simulated', room(mapsPlay)),
    real: toyWorld('real', room(realPlay)),
    seed: 3,
    runs: 60,
    realRuns: 5,
    confirmations: 3,
    shrinkPlays: 300,
    now: () => 0,
    out,
  };
}
