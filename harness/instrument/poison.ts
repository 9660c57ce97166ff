import type { Json } from '../../src/json.ts';
import { recipeNamed } from '../generators/recipes.ts';
import type { Poisoned } from '../history.ts';
import type { Decision } from './inside-host.ts';

/** A result with its poison in it. */
export interface PoisonedResult {
  readonly result: unknown;
  /** What was put in, with its number in the case; an order whose path the result does not have is left out. */
  readonly poisoned: readonly (Poisoned & { readonly index: number })[];
}

/** Puts live objects into `copy`, which belongs to nobody else. */
export function poison(copy: Json, orders: Decision['poison']): PoisonedResult {
  const root: { result: unknown } = { result: copy };
  const live = new Set<unknown>();
  const poisoned: (Poisoned & { index: number })[] = [];
  // The shorter path first: what lies below poison that is in already is not data any more.
  for (const { index, path, recipe } of [...orders].sort((a, b) => a.path.length - b.path.length)) {
    const place = placeOf(root, ['result', ...path], live);
    if (place === null) continue;
    const parent = path.length === 0 ? undefined : place.holder;
    const object = recipeNamed(recipe).make({ root: copy, parent });
    live.add(object);
    place.holder[place.key] = object;
    poisoned.push({ index, path, recipe });
  }
  return { result: root.result, poisoned };
}

interface Place {
  readonly holder: { [key: string | number]: unknown };
  readonly key: string | number;
}

function placeOf(root: object, path: readonly (string | number)[], live: ReadonlySet<unknown>): Place | null {
  let holder: unknown = root;
  for (let i = 0; ; i++) {
    const key = path[i];
    if (key === undefined || typeof holder !== 'object' || holder === null || live.has(holder)) return null;
    if (Array.isArray(holder) ? typeof key !== 'number' : typeof key !== 'string') return null;
    if (!Object.hasOwn(holder, key)) return null;
    const here = holder as Place['holder'];
    if (i === path.length - 1) return live.has(here[key]) ? null : { holder: here, key };
    holder = here[key];
  }
}
