import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  defectNamed,
  discoverIncidents,
  type FoundIncident,
  incidentNamed,
  loadScenarioFile,
  scenariosNamed,
} from './discover.ts';
import type { Scenario } from './scenario.ts';

describe('incidents of this package', () => {
  it('are found by reading the folder, each with scenarios and defects that name one another', async () => {
    const incidents = await discoverIncidents();
    expect(incidents.length).toBeGreaterThan(0);
    for (const { id, scenarios, defects, scenarioModule } of incidents) {
      expect(scenarioModule).toMatch(/^file:.*\/scenario\.[jt]s$/);
      expect(scenarios.every((scenario) => scenario.id.startsWith(`${id}/`))).toBe(true);
      for (const { breaks, passes } of defects) {
        expect(breaks.length).toBeGreaterThan(0);
        for (const { scenario, invariant } of breaks) {
          const named = scenarios.find((candidate) => candidate.id === scenario);
          expect(named?.invariants.map(({ name }) => name)).toContain(invariant);
        }
        for (const scenario of passes) expect(scenarios.map((each) => each.id)).toContain(scenario);
      }
    }
  });
});

describe('names', () => {
  const incident: FoundIncident = {
    id: '12',
    folder: '/scenarios/12-lost-reply/',
    scenarios: [scenario('12/lost-reply'), scenario('12/late-reply')],
    defects: [
      { name: 'forgets', kind: 'as-reported', story: '', breaks: [], passes: [], parts: (parts) => parts },
    ],
    scenarioModule: 'file:///scenarios/12-lost-reply/scenario.ts',
  };

  it('a scenario by its id, and all of an incident by its', () => {
    expect(scenariosNamed([incident], '12/late-reply').map((found) => found.scenario.id)).toEqual([
      '12/late-reply',
    ]);
    expect(scenariosNamed([incident], '12')).toHaveLength(2);
    expect(incidentNamed([incident], '12-lost-reply')).toBe(incident);
    expect(defectNamed([incident], 'forgets').incident).toBe(incident);
  });

  it.each([
    ['12/lost-repyl', 'Nearest: 12/lost-reply, 12/late-reply'],
    ['late', 'Nearest: 12/late-reply'],
  ])('an unknown scenario (%s) is told with the nearest', (name, remedy) => {
    expect(() => scenariosNamed([incident], name)).toThrow(
      expect.objectContaining({ kind: 'usage', remedy: expect.stringContaining(remedy) }),
    );
  });

  it('so are an unknown incident and an unknown defect', () => {
    expect(() => incidentNamed([incident], '13')).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(() => defectNamed([incident], 'forgests')).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('forgets') }),
    );
  });
});

describe("a user's own file", () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-scenario-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function file(text: string): Promise<string> {
    const path = join(folder, 'mine.scenario.ts');
    await writeFile(path, text);
    return path;
  }

  const one = `const mine: { id: string } = { id: 'mine/one' };
const scenario = { ...mine, title: 't', cases: {}, invariants: [], metrics: [] };`;

  it('may export one scenario, a list, or scenarios with defects', async () => {
    const alone = await loadScenarioFile(await file(`${one}\nexport default scenario;`));
    expect(alone).toMatchObject({ id: 'mine', scenarios: [{ id: 'mine/one' }], defects: [] });
    await rm(join(folder, 'mine.scenario.ts'));
    const both = join(folder, 'both.scenario.ts');
    await writeFile(
      both,
      `${one}\nexport default { scenarios: [scenario], defects: [{ name: 'd', parts: (p: unknown) => p }] };`,
    );
    const withDefects = await loadScenarioFile(both);
    expect(withDefects.defects.map(({ name }) => name)).toEqual(['d']);
    expect(withDefects.defectsModule).toBe(withDefects.scenarioModule);
  });

  it('that is missing, broken or no scenario is refused with what to do', async () => {
    await expect(loadScenarioFile(join(folder, 'absent.ts'))).rejects.toMatchObject({ kind: 'usage' });
    const empty = join(folder, 'empty.scenario.ts');
    await writeFile(empty, 'export default { title: 1 };');
    await expect(loadScenarioFile(empty)).rejects.toThrow(/not a scenario/);
  });
});

function scenario(id: string): Scenario {
  return { id, title: id, cases: undefined as never, invariants: [], metrics: [] };
}
