import { existsSync } from 'node:fs';
import {
  defectNamed,
  discoverIncidents,
  type FoundIncident,
  loadScenarioFile,
  type ScenarioAt,
  scenariosNamed,
  scenariosOf,
} from '../harness/discover.ts';
import { HarnessError } from '../harness/errors.ts';
import type { DefectReference } from '../harness/world.ts';

/** A scenario, and the file it came from where it is a user's own. */
export interface Chosen extends ScenarioAt {
  readonly file?: string;
}

/** The scenarios that the arguments name: ids, incidents, or files; all of this package where there are none. */
export async function chooseScenarios(names: readonly string[], grep?: string): Promise<Chosen[]> {
  const incidents = await discoverIncidents();
  const chosen: Chosen[] = [];
  if (names.length === 0) chosen.push(...scenariosOf(incidents));
  for (const name of names) {
    if (isFile(name))
      chosen.push(...scenariosOf([await loadScenarioFile(name)]).map((each) => ({ ...each, file: name })));
    else chosen.push(...scenariosNamed(incidents, name));
  }
  const unique = chosen.filter(
    ({ scenario }, index) => chosen.findIndex((each) => each.scenario.id === scenario.id) === index,
  );
  const wanted = grep === undefined ? unique : unique.filter(matching(grep));
  if (wanted.length === 0)
    throw new HarnessError('usage', `no scenario matches ${grep}`, '`faultline list` shows all.');
  return wanted;
}

/** The incidents of this package and of a user's own file. */
export async function incidentsWith(file: string | undefined): Promise<FoundIncident[]> {
  const own = file === undefined ? [] : [await loadScenarioFile(file)];
  return [...own, ...(await discoverIncidents())];
}

/** Where the code of the defect with this name is. */
export function defectReference(incidents: readonly FoundIncident[], name: string): DefectReference {
  const { defect, incident } = defectNamed(incidents, name);
  return { module: incident.defectsModule ?? incident.scenarioModule, name: defect.name };
}

function isFile(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name) || (name.startsWith('.') && existsSync(name));
}

function matching(grep: string): (chosen: Chosen) => boolean {
  try {
    const pattern = new RegExp(grep, 'i');
    return ({ scenario }) => pattern.test(scenario.id) || pattern.test(scenario.title);
  } catch (cause) {
    throw new HarnessError(
      'usage',
      `--grep ${grep} is no regular expression`,
      'Give one such as 585 or contaminat.',
      cause,
    );
  }
}
