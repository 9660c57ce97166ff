import { afterAll, describe, expect, it, vi } from 'vitest';
import { discoverIncidents, type FoundIncident, type ScenarioAt, scenariosOf } from '../harness/discover.ts';
import { violationsOf } from '../harness/explore/failure.ts';
import { CaseRow } from '../harness/explore/generate.ts';
import { type SearchOptions, type SearchOutcome, search } from '../harness/explore/search.ts';
import { keepsStep } from '../harness/generators/beside.ts';
import { isMeeting } from '../harness/generators/windows.ts';
import { casePlans } from '../harness/generators/workload.ts';
import type { DefectReference } from '../harness/world.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import sentinels from './sentinels.ts';

/** Whole searches, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 });

const incidents = await discoverIncidents();
const pool = createSimulatedPool({ threads: 2 });
afterAll(() => pool.close());

describe.each(scenariosOf(incidents))('$scenario.id', (target) => {
  let searched: Promise<SearchOutcome> | undefined;
  /** One search tells whether it holds, what it exercised, and what fired. */
  function healthy(): Promise<SearchOutcome> {
    searched ??= searching(target, { budget: { runs: 30, shrinkPlays: 100 } });
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
    const row = new CaseRow(target.scenario, 7);
    for (let index = 0; index < 3; index++) {
      const first = await pool.examine(row.at(index), requestFor(target));
      const second = await pool.examine(row.at(index), requestFor(target));
      expect(second.hash).toBe(first.hash);
    }
  });

  it('has faults that fire', async () => {
    const { tally } = await healthy();
    const { faults } = tally.result();
    expect(faults.length).toBeGreaterThan(0);
    // Where there are many kinds, chance decides about the few of one; of a handful a third is enough.
    for (const { planned, fired } of faults) {
      if (planned < 5 && faults.length > 10) continue;
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

const defects = incidents.flatMap((incident) =>
  incident.defects.map((defect) => ({ name: defect.name, defect, incident })),
);

describe.concurrent.each(defects)('$name', ({ defect, incident }) => {
  const reference = { module: incident.defectsModule ?? '', name: defect.name };

  it.each([...defect.breaks])(
    'is caught in $scenario by $invariant, and small',
    async ({ scenario, invariant, users = 1, needs = defect.spoilsCleanWork === true ? 0 : 1 }) => {
      const { found } = await searching(
        scenarioIn(incident, scenario),
        { seek: invariant, stopAtFirst: true, budget: { runs: 200, shrinkPlays: 300 } },
        reference,
      );
      expect(found.map(({ failure }) => failure.invariant)).toEqual([invariant]);
      const [{ shrunk } = { shrunk: undefined }] = found;
      // In however many windows.
      expect(new Set(shrunk?.users.map(({ id }) => id)).size).toBe(users);
      const knocks = shrunk?.users.flatMap(({ actions }) => actions.filter((each) => each.do === 'knock'));
      const disturbances =
        (shrunk?.faults.length ?? 0) +
        (shrunk?.contaminations.length ?? 0) +
        (shrunk?.schedule.filter((each) => !keepsStep(each) && !isMeeting(each)).length ?? 0) +
        (knocks?.length ?? 0);
      // Another version that served before is disturbance enough.
      if (shrunk?.version !== undefined) expect(disturbances).toBeLessThanOrEqual(1);
      else if (defect.spoilsCleanWork === true) expect(disturbances).toBeLessThanOrEqual(needs);
      else expect(disturbances).toBe(needs);
    },
  );

  it('passes what it says it passes', async () => {
    for (const id of defect.passes) {
      const outcome = await searching(scenarioIn(incident, id), {}, reference);
      expect({ scenario: id, broken: brokenIn(outcome) }).toEqual({ scenario: id, broken: [] });
    }
  });

  it(`${defect.spoilsCleanWork === true ? 'spoils' : 'passes'} an undisturbed workload`, async () => {
    const scenarios = scenariosOf([incident]);
    const spoils = defect.spoilsCleanWork === true;
    // The scenarios of an incident differ in what they disturb, and here nothing is.
    const budget = { runs: Math.max(6, Math.ceil(15 / scenarios.length)), shrinkPlays: 0 };
    for (const { scenario, ...rest } of scenarios) {
      const calm = { ...rest, scenario: { ...scenario, cases: casePlans() } };
      const outcome = await searching(calm, { budget, stopAtFirst: spoils }, reference);
      if (spoils) expect(outcome.broken).not.toEqual([]);
      else
        expect({ scenario: scenario.id, broken: brokenIn(outcome) }).toEqual({
          scenario: scenario.id,
          broken: [],
        });
    }
  });
});

function searching(
  target: ScenarioAt,
  changes: Partial<SearchOptions>,
  defect?: DefectReference,
): Promise<SearchOutcome> {
  return search({
    scenario: target.scenario,
    request: requestFor(target, defect),
    room: pool,
    seed: 585,
    budget: { runs: 40, shrinkPlays: 0 },
    now: () => 0,
    ...changes,
  });
}

function requestFor({ scenario, module }: ScenarioAt, defect?: DefectReference) {
  return { module, scenario: scenario.id, ...(defect === undefined ? {} : { defect }) };
}

function scenarioIn(incident: FoundIncident, id: string): ScenarioAt {
  const target = scenariosOf([incident]).find(({ scenario }) => scenario.id === id);
  if (target === undefined) throw new Error(`no scenario ${id}`);
  return target;
}

/** What broke, in words, with the case that shows it. */
function brokenIn({ found }: SearchOutcome): unknown[] {
  return found.map(({ failure, examination, casesUntilFound, shrunk }) => ({
    failure,
    casesUntilFound,
    why: violationsOf(examination).map(({ why }) => why),
    shrunk,
  }));
}
