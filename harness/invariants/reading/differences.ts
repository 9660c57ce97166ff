import type { Json, Poisoned } from '../../history.ts';
import { equal, fieldOf, type JsonObject, typeOf } from './json-shapes.ts';

/** What a result was: clean data, with the data that came with poison in its place, and where the poison is. */
export interface Twin {
  /** `seq` of the event that recorded it. */
  readonly seq: number;
  readonly clean: Json;
  /** Poison that is not wholly data; what is wholly data is part of `clean`, like any other. */
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
  /**
   * Where poison was put. `foreign`: something that is no data stood here. `data`: this was data that came
   * with the poison. `content`: what is left here does not hold what the poison carried.
   */
  readonly of?: 'foreign' | 'data' | 'content';
  /** Undefined where nothing that was here is data. */
  readonly expected: Json | undefined;
  readonly found: Json | undefined;
}

/** The twin of a result as its wrapper recorded it. */
export function twinOf({
  seq,
  clean,
  poisoned,
}: {
  readonly seq: number;
  readonly clean: Json;
  readonly poisoned: readonly Poisoned[];
}): Twin {
  let withData = clean;
  for (const { path, data } of poisoned) if (data !== undefined) withData = replaced(withData, path, data);
  return { seq, clean: withData, poisoned: poisoned.filter((poison) => !isWhollyData(poison)) };
}

function isWhollyData({ foreign, disguised }: Poisoned): boolean {
  return foreign?.length === 0 && (disguised === undefined || disguised.length === 0);
}

/** The value with `data` at `path`; the value itself is left as it is. */
function replaced(value: Json, path: readonly (string | number)[], data: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return data;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const holder = copy as { [key: string | number]: Json };
  holder[step] = replaced(holder[step] ?? null, rest, data);
  return copy;
}

/** Far more than a report shows; a value that differs everywhere need not be told in full. */
const differencesMax = 100;

/** Every difference between a value and its twin, outermost first; at most 100. */
export function differencesFrom(twin: Twin, value: Json | undefined): Difference[] {
  // Nearly all values are what they were, and that is seen without keeping account of where one is.
  if (twin.poisoned.length === 0 && equal(value, twin.clean)) return [];
  const comparison = new Comparison();
  comparison.compare(value, twin.clean, poisonTree(twin.poisoned));
  return comparison.found;
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
  return `${where}: ${damageInWords(difference)}${poison}`;
}

function damageInWords({ damage, of, expected, found }: Difference): string {
  const was =
    of !== 'foreign'
      ? `the ${typeOf(expected)}`
      : expected === undefined
        ? 'what was no data'
        : `what was more than a bare ${typeOf(expected)}`;
  switch (damage) {
    case 'lost':
      return `lost, ${was} is gone`;
    case 'added':
      return `added, nobody returned this ${typeOf(found)}`;
    case 'type changed':
      return `type changed, ${of === 'foreign' ? was : typeOf(expected)} became ${typeOf(found)}`;
    case 'corrupted':
      return of === 'content'
        ? `corrupted, the ${typeOf(found)} that is left holds not all of it`
        : `corrupted, another ${typeOf(found)} than was returned`;
  }
}

/** `metrics.series[3]`; `the whole result` for the root. */
export function pathInWords(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the whole result';
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

/** The places of one result that poison has to do with, as a tree of steps. */
interface PoisonTree {
  /** At the root of a poison. */
  poison: Poisoned | undefined;
  /** Something stands here that is no data, or more than data. */
  foreign: boolean;
  readonly below: Map<string | number, PoisonTree>;
}

function poisonTree(poisoned: readonly Poisoned[]): PoisonTree | undefined {
  if (poisoned.length === 0) return undefined;
  const root = noPoison();
  for (const poison of poisoned) {
    const top = placeIn(root, poison.path);
    top.poison = poison;
    for (const path of poison.foreign ?? [[]]) placeIn(top, path).foreign = true;
  }
  return root;
}

function placeIn(tree: PoisonTree, path: readonly (string | number)[]): PoisonTree {
  let place = tree;
  for (const step of path) {
    let next = place.below.get(step);
    if (next === undefined) {
      next = noPoison();
      place.below.set(step, next);
    }
    place = next;
  }
  return place;
}

function noPoison(): PoisonTree {
  return { poison: undefined, foreign: false, below: new Map() };
}

class Comparison {
  readonly found: Difference[] = [];
  readonly #path: (string | number)[] = [];
  /** The poison that the comparison is inside of. */
  #poison: Poisoned | undefined;

  compare(value: Json | undefined, clean: Json | undefined, tree: PoisonTree | undefined): void {
    if (this.found.length >= differencesMax || (tree === undefined && value === clean)) return;
    const around = this.#poison;
    this.#poison = tree?.poison ?? around;
    if (tree?.foreign !== true || this.#meetForeign(value, clean, tree))
      this.#compareData(value, clean, tree);
    this.#poison = around;
  }

  /** True where it was data beside, which can be compared with what is left. */
  #meetForeign(value: Json | undefined, clean: Json | undefined, { poison }: PoisonTree): boolean {
    const isBare = (poison !== undefined && poison.data === undefined) || clean === null;
    const expected = isBare ? undefined : clean;
    const damage =
      value === undefined || (value === null && expected === undefined) ? 'lost' : 'type changed';
    this.#tell(damage, 'foreign', expected, value);
    if (expected !== undefined) return typeOf(value) === typeOf(expected);
    if (damage === 'type changed' && !holdsAll(value, poison?.carries ?? []))
      this.#tell('corrupted', 'content', undefined, value);
    return false;
  }

  #compareData(value: Json | undefined, clean: Json | undefined, tree: PoisonTree | undefined): void {
    if (clean === undefined) {
      if (value !== undefined) this.#tell('added', 'data', undefined, value);
    } else if (typeof clean !== 'object' || clean === null || typeOf(value) !== typeOf(clean)) {
      if (value === clean) return;
      const damage =
        value === undefined ? 'lost' : typeOf(value) === typeOf(clean) ? 'corrupted' : 'type changed';
      this.#tell(damage, 'data', clean, value);
    } else if (Array.isArray(clean)) {
      this.#compareItems(value as Json[], clean, tree);
    } else {
      this.#compareFields(value as JsonObject, clean, tree);
    }
  }

  #compareItems(items: readonly Json[], clean: readonly Json[], tree: PoisonTree | undefined): void {
    for (let index = 0; index < clean.length || index < items.length; index++)
      this.#step(index, items[index], clean[index], tree);
    if (tree !== undefined) this.#compareBeside([clean], tree);
  }

  #compareFields(fields: JsonObject, clean: JsonObject, tree: PoisonTree | undefined): void {
    for (const key of Object.keys(clean)) this.#step(key, fieldOf(fields, key), clean[key], tree);
    for (const key of Object.keys(fields))
      if (!Object.hasOwn(clean, key)) this.#step(key, fields[key], undefined, tree);
    if (tree !== undefined) this.#compareBeside([clean, fields], tree);
  }

  /** What poison held that is neither in the twin nor in the value. */
  #compareBeside(holders: readonly object[], tree: PoisonTree): void {
    for (const [key, { foreign }] of tree.below)
      if (foreign && !holders.some((holder) => Object.hasOwn(holder, key)))
        this.#step(key, undefined, undefined, tree);
  }

  #step(
    key: string | number,
    value: Json | undefined,
    clean: Json | undefined,
    tree: PoisonTree | undefined,
  ): void {
    this.#path.push(key);
    this.compare(value, clean, tree?.below.get(key));
    this.#path.pop();
  }

  #tell(
    damage: Difference['damage'],
    of: NonNullable<Difference['of']>,
    expected: Json | undefined,
    found: Json | undefined,
  ): void {
    const recipe = this.#poison?.recipe;
    const what = { path: [...this.#path], damage, recipe, expected, found };
    this.found.push(recipe === undefined ? what : { ...what, of });
  }
}

/** Whether each of these words and numbers is somewhere in the value, keys included. */
function holdsAll(value: Json | undefined, carried: readonly (string | number)[]): boolean {
  if (carried.length === 0) return true;
  const words: string[] = [];
  eachScalar(value, (scalar) => words.push(String(scalar)));
  return carried.every((wanted) =>
    typeof wanted === 'number' ? words.includes(String(wanted)) : words.some((word) => word.includes(wanted)),
  );
}

function eachScalar(value: Json | undefined, tell: (scalar: string | number) => void): void {
  if (typeof value === 'string' || typeof value === 'number') tell(value);
  else if (Array.isArray(value)) for (const item of value) eachScalar(item, tell);
  else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      tell(key);
      eachScalar(value[key], tell);
    }
}
