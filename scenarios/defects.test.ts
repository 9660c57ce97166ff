import { describe, expect, it, vi } from 'vitest';
import { discoverIncidents, scenariosOf } from '../harness/discover.ts';
import { casePlans } from '../harness/generators/workload.ts';
import { brokenIn, scenarioIn, searches } from './searching.fixture.ts';

/** Whole searches, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 });

const { searching } = searches();
const incidents = await discoverIncidents();
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
        (shrunk?.schedule.filter(({ ofWorkload }) => ofWorkload !== true).length ?? 0) +
        (knocks?.length ?? 0);
      // Another version that served before is disturbance enough.
      if (shrunk?.version !== undefined) expect(disturbances).toBeLessThanOrEqual(1);
      else if (defect.spoilsCleanWork === true) expect(disturbances).toBeLessThanOrEqual(needs);
      else expect(disturbances).toBe(needs);
    },
  );

  it('passes what it says it passes', async () => {
    for (const id of defect.passes) {
      const budget = { runs: 10, shrinkPlays: 0 };
      const outcome = await searching(scenarioIn(incident, id), { budget }, reference);
      expect({ scenario: id, broken: brokenIn(outcome) }).toEqual({ scenario: id, broken: [] });
    }
  });

  it(`${defect.spoilsCleanWork === true ? 'spoils' : 'passes'} an undisturbed workload`, async () => {
    const scenarios = scenariosOf([incident]);
    const spoils = defect.spoilsCleanWork === true;
    // The scenarios of an incident differ in what they disturb, and here nothing is.
    const budget = { runs: Math.max(3, Math.ceil(6 / scenarios.length)), shrinkPlays: 0 };
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
