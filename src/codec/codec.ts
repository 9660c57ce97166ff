import type { Json } from '../json.ts';

/** Where in a value something is, from the root: `['metrics', 'series', 3]`. */
export type Path = readonly (string | number)[];

/**
 * One thing that encoding removed or changed.
 * - `lost`: it has no JSON form (a function, a symbol, a weak reference) and is gone.
 * - `changed`: it is there in another form (a Map as a list of entries, NaN as null).
 * - `refused`: reading it would run foreign code or never end (a getter, a proxy, a cycle).
 * - `cut`: it was beyond a limit on depth, size or number of keys.
 * In an object the key is left out unless the kind is `changed`; in an array the place holds null.
 */
export interface Alteration {
  readonly path: Path;
  readonly kind: 'lost' | 'changed' | 'refused' | 'cut';
  /** Why, in fixed words that never quote the value, e.g. `function`, `accessor`, `cycle`. */
  readonly reason: string;
}

export interface Encoded {
  /** Clean JSON text. */
  readonly text: string;
  /** Everything that the text does not hold as the value held it; empty for clean data. */
  readonly account: readonly Alteration[];
}

/**
 * Any value to clean JSON plus an account of what that removed. `encode` never throws and runs no code of the
 * value.
 *
 * The text has no tags: whoever reads it, in whatever language, sees plain data, and data that looks like some
 * tag is nothing special. What a value was before it was changed, its account says, by the reason.
 *
 * | value | in the text | account |
 * |---|---|---|
 * | null, booleans, text (lone surrogates too), finite numbers | as it is | |
 * | list, plain object; frozen, without a prototype, or at several places | as it is, at each place | |
 * | any own key, `__proto__`, `constructor` and a `toJSON` that is data included | as it is | |
 * | negative zero | 0 | changed: negative zero |
 * | NaN, infinities | null | changed: not a number, infinity, minus infinity |
 * | bigint | its digits as text, up to 10,000 | changed: bigint |
 * | date | ISO 8601; null if invalid | changed: date, invalid date |
 * | regular expression | `/source/flags`; `lastIndex` is lost unless 0 | changed: regular expression |
 * | map, set | list of its entries `[key, value]`, of its members | changed: map, set |
 * | typed array | list of its numbers | changed: its type, e.g. Float64Array |
 * | bytes (Uint8Array, Buffer, ArrayBuffer, DataView) | base64 | changed: Uint8Array, array buffer, data view |
 * | error | name, message, cause, errors and what else it owns; never the stack | changed: error |
 * | URL | its text | changed: address |
 * | boxed primitive | the primitive | changed: boxed value |
 * | class instance, list of a class of its own | its own properties that are data | changed: instance of Name |
 * | function, symbol, undefined | | lost: function, symbol, undefined |
 * | hole, hidden property, symbol key, property of a list, map, date… | | lost: the same words |
 * | promise, generator, iterator, weak reference, map or set, module namespace, shared memory, native handle | | lost: the same words |
 * | accessor | its object without it | refused: accessor |
 * | proxy, revoked or not | | refused: proxy |
 * | place that leads back to what it is in | | refused: cycle |
 * | detached buffer, host object that throws | | refused: unreadable |
 * | what is beyond a limit | what came before it | cut: too deep, too many values, too much text, too many alterations |
 *
 * A value of whose built-in kind nothing is left (Blob, AbortSignal, Intl and Temporal objects, private fields) is
 * an instance like any other: its own properties, and the account says so. What a built-in really is, its internal
 * slots say: a map with the prototype of a plain object is a map.
 *
 * Not seen, for the language has no bearable question: a hidden property of a list (`raw` of a template), but for
 * `toJSON`; a property of a typed array or a boxed text of more than 65,536 places; private fields, a WeakRef or a host object behind the
 * prototype of a plain object, and what holds no data (a promise) behind it where there are properties.
 */
export interface Codec {
  /** The form of what it writes, version and all: whoever keeps text keeps this beside it. */
  readonly name: string;
  encode(value: unknown): Encoded;
  /** Text that `encode` wrote, as data. Throws a DecodeRefusal for what is not JSON, too long or too deep. */
  decode(text: string): Json;
  /** The text that this very value was decoded from, where it is still known: cheaper than to encode it again. */
  textOf?(value: Json): string | undefined;
}
