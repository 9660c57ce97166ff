import { isDeepStrictEqual } from 'node:util';
import type { Alteration, Path } from '../../src/codec/codec.ts';
import type { Contender } from './contenders.ts';
import type { ValueClass } from './value-class.ts';

/**
 * What became of a value, seen from outside: the copy is held against the class's own statement of what it
 * must be, and an account counts only where it names the very place and the copy bears it out.
 * From the best to the worst.
 */
export const outcomes = [
  /** Came back as it was. */
  'exact',
  /** Came back with a type that JSON has not. */
  'typed',
  /** Has another form, from which all can be read; the account names the place. */
  'told',
  /** Is not there, or not all of it; the account names the place. */
  'told gone',
  /** Encoding or decoding throws: loud, but the rest is gone as well. */
  'throws',
  /** Has another form, and nobody says so. */
  'changed',
  /** Is not there, or not all of it, and nobody says so. */
  'lost',
  /** The account names something that is not so. */
  'lies',
  /** What stands beside it is not as it was. */
  'spoils',
  /** Prototypes were changed: those of the copy, or of everything. */
  'pollutes',
] as const;

export type Outcome = (typeof outcomes)[number];

export interface Judged {
  readonly outcome: Outcome;
  /** Code of the value was run: a getter, a trap, a `toJSON`. */
  readonly ranForeignCode: boolean;
  /** A limit was reached, and what comes after the value was cut as well, by the account's own word. */
  readonly cutBeside: boolean;
  /** What the contender said of the value itself or of the places within it. */
  readonly account: readonly Alteration[];
}

/** The worse of what becomes of the value as a property and as an item of a list. */
export function judge(valueClass: ValueClass, contender: Contender): Judged {
  const asProperty = play(valueClass, contender, property);
  const asItem = play(valueClass, contender, item);
  return {
    outcome: worse(asProperty.outcome, asItem.outcome),
    ranForeignCode: asProperty.ranForeignCode || asItem.ranForeignCode,
    cutBeside: asProperty.cutBeside || asItem.cutBeside,
    account: asProperty.account,
  };
}

/** What a value is put into: it says where, and which other places must stay as they are. */
interface Stage {
  readonly at: string | number;
  hold(value: unknown): unknown;
  readonly others: readonly (readonly [string | number, unknown])[];
}

const property: Stage = {
  at: 'held',
  hold: (value) => ({ before: { id: 7, text: 'before' }, held: value, after: [null, true] }),
  others: [
    ['before', { id: 7, text: 'before' }],
    ['after', [null, true]],
  ],
};

const item: Stage = {
  at: 1,
  hold: (value) => ['first', value, { last: true }],
  others: [
    [0, 'first'],
    [2, { last: true }],
  ],
};

function play(valueClass: ValueClass, contender: Contender, stage: Stage): Judged {
  let ranForeignCode = false;
  const value = valueClass.make(() => {
    ranForeignCode = true;
  });
  try {
    const { copy, account } = contender.carry(stage.hold(value));
    const outcome = isPolluted() ? 'pollutes' : judgeCopy(valueClass, stage, copy, account);
    const ours = account.flatMap(({ path, ...rest }) =>
      path[0] === stage.at ? [{ path: path.slice(1), ...rest }] : [],
    );
    return { outcome, ranForeignCode, cutBeside: spoilt(stage, copy).length > 0, account: ours };
  } catch {
    return { outcome: isPolluted() ? 'pollutes' : 'throws', ranForeignCode, cutBeside: false, account: [] };
  }
}

function judgeCopy(
  valueClass: ValueClass,
  stage: Stage,
  copy: unknown,
  account: readonly Alteration[],
): Outcome {
  const isThere = Object.hasOwn(Object(copy), stage.at);
  const held = isThere ? Reflect.get(Object(copy), stage.at) : undefined;
  if (hasForeignPrototype(held)) return 'pollutes';
  if (!spoilt(stage, copy).every((step) => account.some((entry) => isCutAt(entry, step)))) return 'spoils';
  const altered = safely(() => valueClass.altered(held), []).map((path) => [stage.at, ...path]);
  const isFaithful = isThere && safely(() => valueClass.isFaithful(held), false);
  const isEqual = isThere && safely(() => valueClass.isEqualAsData?.(held) ?? false, false);
  const isKept = isFaithful || isEqual;
  if (!account.every((entry) => isBorneOut(entry, copy, altered, isKept))) return 'lies';
  if (isFaithful)
    return valueClass.kind === 'data' && valueClass.isEqualAsData === undefined ? 'exact' : 'typed';
  if (isEqual) return 'exact';
  const isReadable = isThere && safely(() => valueClass.isReadable(held), false);
  const isTold =
    altered.length > 0 &&
    altered.every((path) => account.some((entry) => covers(entry, path))) &&
    (isReadable ||
      safely(() => valueClass.isWholeElsewhere(held), false) ||
      isCutAsAWhole(account, stage.at));
  if (isTold) return isReadable ? 'told' : 'told gone';
  return isReadable ? 'changed' : 'lost';
}

/** The places beside the value that are not as they were. */
function spoilt(stage: Stage, copy: unknown): (string | number)[] {
  return stage.others
    .filter(([step, was]) => !isDeepStrictEqual(Reflect.get(Object(copy), step), was))
    .map(([step]) => step);
}

function isCutAt({ kind, path }: Alteration, step: string | number): boolean {
  return kind === 'cut' && (path.length === 0 || path[0] === step);
}

/** An entry at the place itself, or one that says that the whole above it is gone. */
function covers(entry: Alteration, path: Path): boolean {
  return (
    isAtOrUnder(path, entry.path) &&
    (entry.path.length === path.length || (entry.kind !== 'changed' && entry.path.length > 0))
  );
}

/** True where the copy is as the entry says, at a place where there was something to say. */
function isBorneOut(entry: Alteration, copy: unknown, altered: readonly Path[], isKept: boolean): boolean {
  if (entry.kind === 'cut') return !isKept;
  if (!altered.some((path) => isAtOrUnder(entry.path, path) || covers(entry, path))) return false;
  const { isThere, value } = lookAt(copy, entry.path);
  return entry.kind === 'changed' ? isThere : !isThere || value === null;
}

function isCutAsAWhole(account: readonly Alteration[], at: string | number): boolean {
  return account.some(({ kind, path }) => kind !== 'changed' && path.length === 1 && path[0] === at);
}

function lookAt(copy: unknown, path: Path): { isThere: boolean; value: unknown } {
  let value: unknown = copy;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return { isThere: false, value: undefined };
    value = Reflect.get(value, step);
  }
  return { isThere: true, value };
}

function isAtOrUnder(path: Path, above: Path): boolean {
  return above.length <= path.length && above.every((step, index) => step === path[index]);
}

/** The makers of hostile keys all set `polluted`: seen where nobody put it, it came over a prototype. */
function hasForeignPrototype(held: unknown): boolean {
  return typeof held === 'object' && held !== null && 'polluted' in held && !Object.hasOwn(held, 'polluted');
}

function isPolluted(): boolean {
  const was = 'polluted' in {};
  if (was) Reflect.deleteProperty(Object.prototype, 'polluted');
  return was;
}

function worse(one: Outcome, other: Outcome): Outcome {
  return outcomes.indexOf(one) > outcomes.indexOf(other) ? one : other;
}

/** A statement about a copy that is nothing like what it speaks of is not met. */
function safely<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}
