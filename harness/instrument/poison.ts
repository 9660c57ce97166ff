import type { Json } from '../../src/json.ts';
import { recipeNamed } from '../generators/recipes.ts';
import type { Poisoned } from '../history.ts';
import type { Decision } from './inside-host.ts';

/** A result with its poison in it. */
export interface PoisonedResult {
  readonly result: unknown;
  /** What was put in; an order whose path the result does not have is left out. */
  readonly poisoned: readonly PutIn[];
}

export interface PutIn {
  /** The contamination's number in the case. */
  readonly index: number;
  readonly poisoned: Poisoned;
}

/** Puts live objects into `copy`, which belongs to nobody else. `ran` hears of each code of theirs that is run, once. */
export function poison(
  copy: Json,
  orders: Decision['poison'],
  ran: (poisoned: Poisoned, code: string) => void,
): PoisonedResult {
  const root: { result: unknown } = { result: copy };
  const live = new Set<unknown>();
  const putIn: PutIn[] = [];
  // The shorter path first: what lies below poison that is in already is not data any more.
  for (const { index, path, recipe: name } of [...orders].sort((a, b) => a.path.length - b.path.length)) {
    const place = placeOf(root, ['result', ...path], live);
    const { name: recipe, shape: _, insideOnly, make, ...what } = recipeNamed(name);
    if (place === null || (insideOnly && path.length === 0)) continue;
    if (putIn.some(({ poisoned }) => isSame(poisoned.path, path))) continue;
    const poisoned = { path, recipe, ...what };
    const told = new Set<string>();
    const object = make({
      root: copy,
      parent: path.length === 0 ? undefined : place.holder,
      ran: (code) => {
        if (told.has(code)) return;
        told.add(code);
        ran(poisoned, code);
      },
    });
    if (typeof object === 'object' || typeof object === 'function') live.add(object);
    place.holder[place.key] = object;
    putIn.push({ index, poisoned });
  }
  return { result: root.result, poisoned: putIn };
}

function isSame(left: Poisoned['path'], right: Poisoned['path']): boolean {
  return left.length === right.length && left.every((step, index) => step === right[index]);
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
