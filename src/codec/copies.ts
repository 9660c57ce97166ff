/** An object that is being copied. */
export type Dictionary = Record<string, unknown>;

/** False where a place is missing, or something else may hang on the list, be it a `toJSON` out of sight. */
export function hasOnlyPlaces(list: readonly unknown[]): boolean {
  const { length } = list;
  // Places come first: with the last of them last, and so many keys, there is no other.
  const keys = Object.keys(list);
  const isWhole = keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
  // A hidden property is not among the keys, and the one that would be called must not be missed.
  return isWhole && !('toJSON' in list) && Object.getOwnPropertySymbols(list).length === 0;
}

/** The places before the first that is not clean. */
export function startOfList(list: readonly unknown[], length: number): unknown[] {
  const copy: unknown[] = [];
  for (let place = 0; place < length; place++) copy.push(list[place]);
  return copy;
}

/** The properties before the first that is not clean. */
export function startOfObject(object: object, keys: readonly string[], length: number): Dictionary {
  const copy: Dictionary = {};
  for (let index = 0; index < length; index++) {
    const key = keys[index] as string;
    put(copy, key, (object as Dictionary)[key]);
  }
  return copy;
}

/** As an own property, whatever the key. */
export function put(object: Dictionary, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
