import type { Json } from '../json.ts';

/** Where in a value something is, from the root: `['metrics', 'series', 3]`. */
export type Path = readonly (string | number)[];

/**
 * One thing that encoding removed or changed.
 * - `lost`: it has no JSON form (a function, a symbol, a weak reference) and is gone.
 * - `changed`: it is there in another form (a Map as an object, NaN as null).
 * - `refused`: reading it would run foreign code or never end (a throwing getter, a cycle).
 * - `cut`: it was beyond a limit on depth, size or number of keys.
 * In an object the key is left out unless the kind is `changed`; in an array the place holds null.
 */
export interface Alteration {
  readonly path: Path;
  readonly kind: 'lost' | 'changed' | 'refused' | 'cut';
  /** Why, in fixed words that never quote the value, e.g. `function`, `throwing getter`, `cycle`. */
  readonly reason: string;
}

export interface Encoded {
  /** Clean JSON text. */
  readonly text: string;
  /** Everything that the text does not hold as the value held it; empty for clean data. */
  readonly account: readonly Alteration[];
}

/** Any value to clean JSON plus an account of what that removed. `encode` never throws. */
export interface Codec {
  /** The form of what it writes, version and all: whoever keeps text keeps this beside it. */
  readonly name: string;
  encode(value: unknown): Encoded;
  /** Text that `encode` wrote, as data. Throws a SyntaxError for text that is not JSON. */
  decode(text: string): Json;
}
