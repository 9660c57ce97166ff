import type { Case } from '../../case.ts';
import { HarnessError } from '../../errors.ts';
import type { Defect, Scenario } from '../../scenario.ts';
import type { DefectReference } from '../../world.ts';
import { importModule } from '../entry-point.ts';

/** The defect of this name among those that a module exports. */
export async function defectNamed(module: string, name: string): Promise<Defect> {
  return named(module, 'defect', name, (exported) => asList<Defect>(exported, 'defects'), 'name');
}

/** The scenario of this id among those that a module exports. */
export async function scenarioNamed(module: string, id: string): Promise<Scenario> {
  return named(module, 'scenario', id, (exported) => asList<Scenario>(exported, 'scenarios'), 'id');
}

async function named<T extends object>(
  module: string,
  what: string,
  name: string,
  listOf: (exported: unknown) => readonly T[],
  key: keyof T & string,
): Promise<T> {
  const list = listOf((await imported(module)).default);
  const found = list.find((each) => each[key] === name);
  if (found !== undefined) return found;
  const known = list.map((each) => String(each[key])).join(', ') || 'none';
  throw new HarnessError(
    'usage',
    `${module} exports no ${what} "${name}" (it has: ${known}).`,
    'Check the name.',
  );
}

/** A default export may be one, a list, or an object that has the list under `under`. */
function asList<T>(exported: unknown, under: string): readonly T[] {
  if (Array.isArray(exported)) return exported as T[];
  if (typeof exported !== 'object' || exported === null) return [];
  const listed = (exported as Record<string, unknown>)[under];
  return Array.isArray(listed) ? (listed as T[]) : [exported as T];
}

/** What parts a version is put together from; see `Case['version']`. */
export type Versions = ReadonlyMap<string, Defect>;

/** The versions that a case names: defects of the module beside its scenario's. */
export async function versionsOf(playing: Case, scenarioModule: string | undefined): Promise<Versions> {
  const versions = new Map<string, Defect>();
  for (const name of versionNames(playing)) {
    const { module } = versionReference(name, scenarioModule);
    versions.set(name, await defectNamed(module, name));
  }
  return versions;
}

/** Where the code of a version is. */
export function versionReference(name: string, scenarioModule: string | undefined): DefectReference {
  if (scenarioModule === undefined)
    throw new HarnessError(
      'usage',
      `The case names the version ${name}, and nobody says of which scenario.`,
      'Play it by its scenario.',
    );
  const extension = scenarioModule.slice(scenarioModule.lastIndexOf('.'));
  return { module: new URL(`./defects${extension}`, scenarioModule).href, name };
}

function versionNames({ users, version }: Case): Set<string> {
  const deployed = users.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.do === 'deploy' ? [action.version] : [])),
  );
  return new Set([version, ...deployed].filter((name) => name !== undefined));
}

/** A module is loaded once for each thread, also by loaders that would load it again. */
const loaded = new Map<string, Promise<Record<string, unknown>>>();

function imported(module: string): Promise<Record<string, unknown>> {
  let promise = loaded.get(module);
  if (promise === undefined) {
    promise = importModule(module);
    loaded.set(module, promise);
  }
  return promise;
}
