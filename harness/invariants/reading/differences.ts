import type { Json, Poisoned } from '../../history.ts';
import { equal, fieldOf, typeOf } from './json-shapes.ts';

/** What a result was before any poison, and where poison was put. */
export interface Twin {
  /** `seq` of the event that recorded it. */
  readonly seq: number;
  readonly clean: Json;
  readonly poisoned: readonly Poisoned[];
}

/**
 * One way in which a value is not its twin. `lost`: it is not there. `type changed`: a number became a
 * string. `corrupted`: the same type, another value. `added`: it was never in the twin.
 */
export interface Difference {
  readonly path: readonly (string | number)[];
  readonly damage: 'lost' | 'type changed' | 'corrupted' | 'added';
  /** The recipe, where the difference lies where poison was put. */
  readonly recipe: string | undefined;
  readonly expected: Json | undefined;
  readonly found: Json | undefined;
}

/** Far more than a report shows; a value that differs everywhere need not be told in full. */
const differencesMax = 100;

/** Every difference between a value and its twin, outermost first; at most 100. */
export function differencesFrom(twin: Twin, value: Json | undefined): Difference[] {
  const found: Difference[] = [];
  compare(value, twin.clean, poisonTree(twin.poisoned), [], found);
  return found;
}

/** A path in words: `metrics/series/*`; indices do not tell one failure from another. */
export function placeOf(path: readonly (string | number)[]): string {
  return path.length === 0
    ? '(whole)'
    : path.map((step) => (typeof step === 'number' ? '*' : step)).join('/');
}

/** A difference in words: `metrics.series[3]: type changed, number became string`. */
export function describe(difference: Difference): string {
  const where = pathInWords(difference.path);
  const poison = difference.recipe === undefined ? '' : ` (there: ${difference.recipe})`;
  const expected = typeOf(difference.expected);
  const found = typeOf(difference.found);
  switch (difference.damage) {
    case 'lost':
      return `${where}: lost, the ${expected} is gone${poison}`;
    case 'added':
      return `${where}: added, nobody returned this ${found}${poison}`;
    case 'type changed':
      return `${where}: type changed, ${expected} became ${found}${poison}`;
    case 'corrupted':
      return `${where}: corrupted, another ${found} than was returned${poison}`;
  }
}

/** `metrics.series[3]`; `the whole result` for the root. */
export function pathInWords(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the whole result';
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

interface PoisonTree {
  recipe: string | undefined;
  readonly below: Map<string, PoisonTree>;
}

function poisonTree(poisoned: readonly Poisoned[]): PoisonTree | undefined {
  if (poisoned.length === 0) return undefined;
  const root: PoisonTree = { recipe: undefined, below: new Map() };
  for (const { path, recipe } of poisoned) {
    let node = root;
    for (const step of path) {
      const key = String(step);
      let next = node.below.get(key);
      if (next === undefined) {
        next = { recipe: undefined, below: new Map() };
        node.below.set(key, next);
      }
      node = next;
    }
    node.recipe = recipe;
  }
  return root;
}

function compare(
  value: Json | undefined,
  clean: Json,
  poison: PoisonTree | undefined,
  path: (string | number)[],
  found: Difference[],
): void {
  if (value === clean || found.length >= differencesMax) return;
  if (poison?.recipe !== undefined) {
    if (!equal(value, clean)) found.push(difference(path, clean, value, poison.recipe));
    return;
  }
  if (typeof clean !== 'object' || clean === null || typeOf(value) !== typeOf(clean)) {
    found.push(difference(path, clean, value, undefined));
    return;
  }
  if (Array.isArray(clean)) {
    const items = value as Json[];
    for (let index = 0; index < clean.length || index < items.length; index++) {
      path.push(index);
      step(items[index], clean[index], poison?.below.get(String(index)), path, found);
      path.pop();
    }
    return;
  }
  const fields = value as { [key: string]: Json };
  for (const key of Object.keys(clean)) {
    path.push(key);
    step(fieldOf(fields, key), clean[key], poison?.below.get(key), path, found);
    path.pop();
  }
  for (const key of Object.keys(fields)) {
    if (Object.hasOwn(clean, key)) continue;
    path.push(key);
    step(fields[key], undefined, undefined, path, found);
    path.pop();
  }
}

function step(
  value: Json | undefined,
  clean: Json | undefined,
  poison: PoisonTree | undefined,
  path: (string | number)[],
  found: Difference[],
): void {
  if (clean !== undefined) compare(value, clean, poison, path, found);
  else if (value !== undefined && found.length < differencesMax)
    found.push(difference(path, undefined, value, undefined));
}

function difference(
  path: readonly (string | number)[],
  expected: Json | undefined,
  found: Json | undefined,
  recipe: string | undefined,
): Difference {
  const damage =
    expected === undefined
      ? 'added'
      : found === undefined
        ? 'lost'
        : typeOf(expected) === typeOf(found)
          ? 'corrupted'
          : 'type changed';
  return { path: [...path], damage, recipe, expected, found };
}
