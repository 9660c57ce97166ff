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

/** Where the code of the versions is that a case names, by name. */
export type Versions = ReadonlyMap<string, DefectReference>;

/**
 * The versions that a case names: defects that the scenario's module exports, or the module beside it. Rejects
 * with a HarnessError where there is none of that name.
 */
export async function versionsOf(playing: Case, scenarioModule: string | undefined): Promise<Versions> {
  const versions = new Map<string, DefectReference>();
  for (const name of versionNames(playing)) {
    if (scenarioModule === undefined)
      throw new HarnessError(
        'usage',
        `The case names the version ${name}, and nobody says of which scenario.`,
        'Play it by its scenario.',
      );
    const module = await defectsModuleOf(scenarioModule);
    await defectNamed(module, name);
    versions.set(name, { module, name });
  }
  return versions;
}

async function defectsModuleOf(scenarioModule: string): Promise<string> {
  const exported = (await imported(scenarioModule)).default;
  if (typeof exported === 'object' && exported !== null && 'defects' in exported) return scenarioModule;
  const extension = scenarioModule.slice(scenarioModule.lastIndexOf('.'));
  return new URL(`./defects${extension}`, scenarioModule).href;
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
