import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HarnessError, wordsOf } from './errors.ts';
import type { Defect, Incident, Scenario } from './scenario.ts';
import { importModule } from './worlds/entry-point.ts';

/** An incident and where its code is, so that a worker or a child process can load it. */
export interface FoundIncident extends Incident {
  /** File URL of the module whose default export holds the scenarios. */
  readonly scenarioModule: string;
  /** File URL of the module whose default export holds the defects; absent where there are none. */
  readonly defectsModule?: string;
}

/** A scenario, its incident's id and its module's file URL. */
export interface ScenarioAt {
  readonly scenario: Scenario;
  readonly incident: string;
  readonly module: string;
}

/** The incidents of this package: every folder beside this one that holds a `scenario` module, by name. */
export async function discoverIncidents(folder = scenariosFolder()): Promise<FoundIncident[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(
    folders.sort().map((name) => incidentIn(new URL(`${name}/`, folder), name)),
  );
  return found.filter((incident) => incident !== undefined);
}

/** A user's own file as an incident: its default export is a scenario, a list of them, or `{scenarios, defects}`. */
export async function loadScenarioFile(file: string): Promise<FoundIncident> {
  const url = pathToFileURL(resolve(file)).href;
  if (!existsSync(resolve(file)))
    throw new HarnessError('usage', `there is no scenario file ${file}`, 'Check the path.');
  const exported = await importModule(url).catch((cause: unknown) => {
    throw new HarnessError(
      'usage',
      `the scenario file ${file} could not be loaded: ${firstLine(cause)}`,
      'Check the path; run the file through tsc to see what is wrong in it.',
      cause,
    );
  });
  const { scenarios, defects } = exportedBy(exported);
  if (scenarios.length === 0)
    throw new HarnessError(
      'usage',
      `the default export of ${file} is not a scenario`,
      'Export a Scenario, a list of them, or {scenarios, defects} as default.',
    );
  return {
    id: basename(file).split('.')[0] ?? file,
    folder: fileURLToPath(new URL('.', url)),
    scenarios,
    defects,
    scenarioModule: url,
    ...(defects.length === 0 ? {} : { defectsModule: url }),
  };
}

/** Every scenario of these incidents. */
export function scenariosOf(incidents: readonly FoundIncident[]): ScenarioAt[] {
  return incidents.flatMap(({ id, scenarios, scenarioModule }) =>
    scenarios.map((scenario) => ({ scenario, incident: id, module: scenarioModule })),
  );
}

/** The scenario with this id, or all of the incident's with this one. Rejects unknown names with the nearest known ones. */
export function scenariosNamed(incidents: readonly FoundIncident[], name: string): ScenarioAt[] {
  const all = scenariosOf(incidents);
  const found = all.filter(({ scenario, incident }) => scenario.id === name || incident === name);
  if (found.length === 0)
    throw unknown('scenario', name, [
      ...all.map(({ scenario }) => scenario.id),
      ...incidents.map(({ id }) => id),
    ]);
  return found;
}

/** The incident with this id. Rejects unknown ids with the nearest known ones. */
export function incidentNamed(incidents: readonly FoundIncident[], id: string): FoundIncident {
  const found = incidents.find((incident) => incident.id === id || basename(incident.folder) === id);
  if (found === undefined)
    throw unknown(
      'incident',
      id,
      incidents.map((incident) => incident.id),
    );
  return found;
}

/** The defect with this name, among these incidents', with the incident it belongs to. */
export function defectNamed(
  incidents: readonly FoundIncident[],
  name: string,
): { readonly defect: Defect; readonly incident: FoundIncident } {
  for (const incident of incidents) {
    const defect = incident.defects.find((candidate) => candidate.name === name);
    if (defect !== undefined) return { defect, incident };
  }
  throw unknown(
    'defect',
    name,
    incidents.flatMap(({ defects }) => defects.map((defect) => defect.name)),
  );
}

/** This module is `harness/discover.ts`, or `dist/harness/discover.js`: the scenarios lie beside `harness`. */
function scenariosFolder(): URL {
  return new URL('../scenarios/', import.meta.url);
}

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

async function incidentIn(folder: URL, name: string): Promise<FoundIncident | undefined> {
  const files = await readdir(folder);
  if (!files.includes(`scenario${extension}`)) return undefined;
  const scenarioModule = new URL(`scenario${extension}`, folder).href;
  const defectsModule = files.includes(`defects${extension}`)
    ? new URL(`defects${extension}`, folder).href
    : undefined;
  return {
    id: idOf(name),
    folder: fileURLToPath(folder),
    scenarios: exportedBy(await importModule(scenarioModule)).scenarios,
    defects: defectsModule === undefined ? [] : exportedBy(await importModule(defectsModule)).defects,
    scenarioModule,
    ...(defectsModule === undefined ? {} : { defectsModule }),
  };
}

/** A reported incident goes by its number, one without by its whole name. */
function idOf(folderName: string): string {
  return /^\d+(?=-)/.exec(folderName)?.[0] ?? folderName;
}

/** What a module exports as default, sorted: a scenario, a defect, a list of either, or `{scenarios, defects}`. */
function exportedBy(module: Record<string, unknown>): { scenarios: Scenario[]; defects: Defect[] } {
  // A file that tsx took for CommonJS comes with its exports as the default.
  const exported =
    isObject(module.default) && 'default' in module.default ? module.default.default : module.default;
  const values =
    isObject(exported) && !Array.isArray(exported) && ('scenarios' in exported || 'defects' in exported)
      ? [exported.scenarios, exported.defects].flat()
      : [exported].flat();
  return { scenarios: values.filter(isScenario), defects: values.filter(isDefect) };
}

function isScenario(value: unknown): value is Scenario {
  return (
    isObject(value) && typeof value.id === 'string' && 'cases' in value && Array.isArray(value.invariants)
  );
}

function isDefect(value: unknown): value is Defect {
  return isObject(value) && typeof value.name === 'string' && typeof value.parts === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function firstLine(cause: unknown): string {
  return wordsOf(cause).split('\n')[0] ?? '';
}

function unknown(what: string, name: string, known: readonly string[]): HarnessError {
  const nearest = [...new Set(known)]
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
  return new HarnessError(
    'usage',
    `there is no ${what} "${name}"`,
    nearest.length === 0
      ? `This package has no ${what}s.`
      : `Nearest: ${nearest.join(', ')}. \`faultline list\` shows all.`,
  );
}

/** How many letters must be put in, left out or changed to make one text the other; part of a name costs little. */
function editDistance(from: string, to: string): number {
  if (to.includes(from)) return 0.5;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? to.length;
}
