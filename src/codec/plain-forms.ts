import { types } from 'node:util';
import { textIn } from './prototypes.ts';

/**
 * Plain forms of built-ins, read from their internal slots: no property of theirs, own or inherited, has a say.
 * They throw for what is detached.
 */

/** ISO 8601, or null for an invalid date. */
export function dateText(date: object): string | null {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? null : Date.prototype.toISOString.call(date);
}

/** As in source text: `/a+/gi`. */
export function patternText(pattern: object): string {
  const flags = flagGetters.map(([flag, isSet]) => (isSet.call(pattern) === true ? flag : ''));
  return `/${sourceOf.call(pattern)}/${flags.join('')}`;
}

/** The own keys of a regular expression; where it would go on is worth a word only when that is not the start. */
export function inUse(pattern: object): (string | symbol)[] {
  const isAtStart = Object.getOwnPropertyDescriptor(pattern, 'lastIndex')?.value === 0;
  return Reflect.ownKeys(pattern).filter((key) => key !== 'lastIndex' || !isAtStart);
}

/** What every error says of itself: its own, which may be hidden, or what its class says for it. */
export function partsOf(error: object): Map<string, unknown> {
  const parts = new Map<string, unknown>([
    ['name', textIn(error, 'name') ?? 'Error'],
    ['message', textIn(error, 'message') ?? ''],
  ]);
  for (const key of ['name', 'message', 'cause', 'errors']) {
    const property = Object.getOwnPropertyDescriptor(error, key);
    if (property === undefined) continue;
    if (Object.hasOwn(property, 'value')) parts.set(key, property.value);
    else parts.delete(key);
  }
  return parts;
}

/** The name of its type, e.g. `Float64Array`; `Buffer` is a `Uint8Array`. */
export function typedArrayName(list: object): string {
  return String(typeOf.call(list));
}

/** How many numbers it holds, 0 when it is detached. */
export function typedArrayLength(list: object): number {
  return Number(lengthOf.call(list));
}

/** Its numbers, one after the other. */
export function typedArrayItems(list: object): Iterable<unknown> {
  return itemsOf.call(list);
}

/** The bytes of a typed array, a buffer or a view on one. */
export function bytesOf(object: object): Uint8Array {
  if (types.isArrayBuffer(object)) return new Uint8Array(object);
  const [buffer, start, length] = types.isDataView(object) ? viewSlots : arraySlots;
  return new Uint8Array(
    buffer.call(object) as ArrayBuffer,
    start.call(object) as number,
    length.call(object) as number,
  );
}

/** As RFC 4648 has it, with padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The address as the URL standard writes it. */
export function addressText(address: object): string {
  return URL.prototype.toString.call(address);
}

/** What a box holds. */
export function unboxed(box: object): unknown {
  if (types.isStringObject(box)) return String.prototype.valueOf.call(box);
  if (types.isNumberObject(box)) return Number.prototype.valueOf.call(box);
  if (types.isBooleanObject(box)) return Boolean.prototype.valueOf.call(box);
  if (types.isBigIntObject(box)) return BigInt.prototype.valueOf.call(box);
  return Symbol.prototype.valueOf.call(box);
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const itemsOf = (typedArray as Uint8Array).values as () => Iterable<unknown>;
const lengthOf = getterOf(typedArray, 'length');
const typeOf = getterOf(typedArray, Symbol.toStringTag);
const arraySlots = ['buffer', 'byteOffset', 'byteLength'].map((key) => getterOf(typedArray, key)) as Slots;
const viewSlots = ['buffer', 'byteOffset', 'byteLength'].map((key) =>
  getterOf(DataView.prototype, key),
) as Slots;
const sourceOf = getterOf(RegExp.prototype, 'source');
const flagGetters = (
  [
    ['d', 'hasIndices'],
    ['g', 'global'],
    ['i', 'ignoreCase'],
    ['m', 'multiline'],
    ['s', 'dotAll'],
    ['u', 'unicode'],
    ['v', 'unicodeSets'],
    ['y', 'sticky'],
  ] as const
).map(([flag, key]) => [flag, getterOf(RegExp.prototype, key)] as const);

type Getter = () => unknown;
type Slots = [buffer: Getter, start: Getter, length: Getter];

function getterOf(prototype: object, key: string | symbol): Getter {
  const getter = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  if (getter === undefined) throw new TypeError(`${String(key)} is no getter here`);
  return getter;
}
