import { types } from 'node:util';
import { brandOf, isDisguised } from './brands.ts';
import type { Alteration } from './codec.ts';
import { type Dictionary, hasOnlyPlaces, put, startOfList, startOfObject } from './copies.ts';
import { isMeddledWith } from './is-meddled-with.ts';
import { Ledger } from './ledger.ts';
import type { CodecLimits } from './limits.ts';
import {
  addressText,
  base64,
  bytesOf,
  dateText,
  inUse,
  partsOf,
  patternText,
  typedArrayItems,
  typedArrayLength,
  typedArrayName,
  unboxed,
} from './plain-forms.ts';
import { classNameOf } from './prototypes.ts';

/** Stands for a value of which nothing is left. */
export const gone: unique symbol = Symbol('gone');

/**
 * Looks through one value and gives what `JSON.stringify` may write in its place: the value itself where all of
 * it is clean, and where something is not, a copy of the containers that lead there and of no others. What
 * differs is in the account. Runs no foreign code: proxies are seen before they are touched, properties are read
 * by their descriptors, and nothing is given back that has a `toJSON` to be called. Used once.
 */
export class Cleaner {
  readonly #ledger: Ledger;
  readonly #limits: CodecLimits;
  readonly #isMeddledWith = isMeddledWith();
  /** The containers from the root to where we are: meeting one of them again is a cycle. */
  readonly #open: object[] = [];
  /** The steps between them, and the one to the value that is being cleaned. */
  readonly #steps: (string | number | symbol)[] = [];
  #depth = 0;
  /** Values of any kind, each counted by what holds it; the root holds itself. */
  #values = 1;
  #text = 0;
  /** From the first value that found no room on, no container is opened: to list its keys takes time. */
  #isFull = false;
  /** From here on a bigint has more digits than there is room for. */
  #bigintMax = tooManyDigits;

  constructor(limits: CodecLimits) {
    this.#limits = limits;
    this.#ledger = new Ledger(limits);
  }

  /** What was altered so far. */
  get account(): readonly Alteration[] {
    return this.#ledger.entries;
  }

  /** What to write in the value's place: itself, something plain, or `gone`. */
  clean(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return this.#fits(value.length) ? value : this.#alter('cut', 'too much text');
      case 'number':
        // Finite, and not negative zero.
        return value - value === 0 && (value !== 0 || 1 / value > 0) ? value : this.#cleanNumber(value);
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.#cleanContainer(value);
      case 'bigint':
        return this.#cleanBigint(value);
      default:
        return this.#alter('lost', typeof value);
    }
  }

  #cleanNumber(value: number): number | null {
    if (value === 0) {
      this.#alter('changed', 'negative zero');
      return 0;
    }
    if (Number.isNaN(value)) this.#alter('changed', 'not a number');
    else this.#alter('changed', value > 0 ? 'infinity' : 'minus infinity');
    return null;
  }

  #cleanBigint(value: bigint): unknown {
    // The time to write digits grows faster than their number: what is far too long is not even begun.
    if (value >= this.#bigintMax || value <= -this.#bigintMax) return this.#alter('cut', 'too much text');
    const text = String(value);
    // Nor is it begun again and again where there is no room left: the sign is counted as a digit.
    if (!this.#hasTextRoom(text.length)) {
      this.#bigintMax = 10n ** BigInt(Math.max(0, this.#limits.textMax - this.#text - 1));
    }
    return this.#changed('bigint', text);
  }

  #cleanContainer(value: object): unknown {
    if (types.isProxy(value)) return this.#alter('refused', 'proxy');
    const depth = this.#depth;
    for (let above = 0; above < depth; above++) {
      if (this.#open[above] === value) return this.#alter('refused', 'cycle');
    }
    if (depth >= this.#limits.depthMax) return this.#alter('cut', 'too deep');
    if (this.#isFull) return this.#alter('cut', 'too many values');
    this.#open[depth] = value;
    this.#depth = depth + 1;
    try {
      if (Array.isArray(value)) return this.#cleanList(value, depth);
      const prototype = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) return this.#cleanPlain(value, depth);
      return this.#cleanBranded(value, depth);
    } catch {
      // A buffer that was detached, a host object that will not be read: its siblings are none the worse.
      this.#depth = depth;
      return this.#alter('refused', 'unreadable');
    } finally {
      this.#depth = depth;
    }
  }

  #cleanList(list: readonly unknown[], depth: number): readonly unknown[] {
    const { length } = list;
    const isPlain = Object.getPrototypeOf(list) === Array.prototype;
    if (!isPlain) this.#alter('changed', `instance of ${classNameOf(list)}`, depth);
    if (!isPlain || this.#isMeddledWith || !this.#takes(length)) return this.#rebuildList(list, depth);
    let copy: unknown[] | undefined;
    for (let place = 0; place < length; place++) {
      this.#steps[depth] = place;
      // Reading a place is safe once it is known to have no getter.
      const value = lookupGetter.call(list, place) === undefined ? list[place] : undefined;
      let cleaned: unknown = value;
      if (value === undefined) cleaned = this.#cleanProperty(list, place);
      // Most values are texts: taken here, they cost no call.
      else if (typeof value !== 'string' || !this.#fits(value.length)) cleaned = this.clean(value);
      if (cleaned === value && copy === undefined) continue;
      copy ??= startOfList(list, place);
      copy.push(cleaned === gone ? null : cleaned);
    }
    if (hasOnlyPlaces(list)) return copy ?? list;
    this.#nameRestOfList(list, depth);
    return copy ?? startOfList(list, length);
  }

  /** A list of which not every place may be written, or that is none of ours. */
  #rebuildList(list: readonly unknown[], depth: number): unknown[] {
    const copy = this.#newList();
    for (let place = 0; place < list.length; place++) {
      if (!this.#hasRoom(depth)) return copy;
      this.#steps[depth] = place;
      const cleaned = this.#cleanProperty(list, place);
      copy[place] = cleaned === gone ? null : cleaned;
    }
    this.#nameRestOfList(list, depth);
    return copy;
  }

  /** Values that come one after the other, as a list. */
  #cleanItems(items: Iterable<unknown>, depth: number): unknown[] {
    const copy = this.#newList();
    let place = 0;
    for (const item of items) {
      if (!this.#hasRoom(depth)) break;
      this.#steps[depth] = place;
      const cleaned = this.clean(item);
      copy[place] = cleaned === gone ? null : cleaned;
      place += 1;
    }
    return copy;
  }

  /** An object with the prototype of a plain one, or none. */
  #cleanPlain(object: object, depth: number): unknown {
    const keys = Object.getOwnPropertyNames(object);
    const isOrdinary =
      Object.getOwnPropertySymbols(object).length === 0 &&
      !this.#isMeddledWith &&
      !isDisguised(object, keys.length);
    if (!isOrdinary || !this.#takes(keys.length)) return this.#cleanBranded(object, depth);
    let copy: Dictionary | undefined;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      this.#steps[depth] = key;
      const property = Object.getOwnPropertyDescriptor(object, key);
      const value: unknown = property?.value;
      let cleaned: unknown = value;
      if (value === undefined || property?.enumerable !== true || !this.#fits(key.length)) {
        cleaned = this.#cleanProperty(object, key);
      } else if (typeof value !== 'string' || !this.#fits(value.length)) {
        cleaned = this.clean(value);
      }
      if (cleaned === value && copy === undefined) continue;
      copy ??= startOfObject(object, keys, index);
      if (cleaned !== gone) put(copy, key, cleaned);
    }
    return copy ?? object;
  }

  /** Anything else: by what it really is, whatever its prototype says. */
  #cleanBranded(object: object, depth: number): unknown {
    const brand = brandOf(object);
    switch (brand) {
      case 'plain':
        return this.#rebuildObject(object, depth);
      case 'error':
        return this.#cleanError(object, depth);
      case 'map':
        this.#alter('changed', 'map', depth);
        this.#nameRest(object, Reflect.ownKeys(object), 'property of a map', depth);
        return this.#cleanItems(Map.prototype.entries.call(object), depth);
      case 'set':
        this.#alter('changed', 'set', depth);
        this.#nameRest(object, Reflect.ownKeys(object), 'property of a set', depth);
        return this.#cleanItems(Set.prototype.values.call(object), depth);
      case 'typed array':
        return this.#cleanTypedArray(object, depth);
      case 'array buffer':
      case 'data view':
        return this.#cleanBytes(object, brand, depth);
      case 'date':
        this.#nameRest(object, Reflect.ownKeys(object), 'property of a date', depth);
        return this.#cleanDate(object, depth);
      case 'regular expression':
        this.#nameRest(object, inUse(object), 'property of a regular expression', depth);
        return this.#changed(brand, patternText(object), depth);
      case 'address':
        this.#nameRest(object, Reflect.ownKeys(object), 'property of an address', depth);
        return this.#changed(brand, addressText(object), depth);
      case 'boxed value':
        return this.#cleanBoxed(object, depth);
      default:
        return this.#alter('lost', brand, depth);
    }
  }

  /** A class instance, or an object with more to it than what JSON writes. */
  #rebuildObject(object: object, depth: number): Dictionary {
    const prototype = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      this.#alter('changed', `instance of ${classNameOf(object)}`, depth);
    }
    const copy = this.#newObject();
    this.#copyProperties(object, Reflect.ownKeys(object), copy, depth);
    return copy;
  }

  #copyProperties(object: object, keys: readonly (string | symbol)[], copy: Dictionary, depth: number): void {
    for (const key of keys) {
      if (!this.#hasRoom(depth)) return;
      this.#steps[depth] = key;
      const cleaned = this.#cleanProperty(object, key);
      if (cleaned !== gone) put(copy, key as string, cleaned);
    }
  }

  /** An own property, of which only what is data and in sight has a form. */
  #cleanProperty(object: object, key: string | number | symbol): unknown {
    const property = Object.getOwnPropertyDescriptor(object, key);
    const reason = whyNoData(property, key);
    if (property === undefined || reason !== undefined) {
      return this.#alter(reason === 'accessor' ? 'refused' : 'lost', reason ?? 'hole');
    }
    if (typeof key === 'string' && !this.#fits(key.length)) return this.#alter('cut', 'too much text');
    return this.clean(property.value);
  }

  /** Name, message, cause and errors, and what else it owns. Never the stack, which is the engine's text. */
  #cleanError(error: object, depth: number): Dictionary {
    this.#alter('changed', 'error', depth);
    const copy = this.#newObject();
    const parts = partsOf(error);
    for (const [key, value] of parts) {
      if (!this.#hasRoom(depth)) return copy;
      this.#steps[depth] = key;
      const cleaned = this.clean(value);
      if (cleaned !== gone) copy[key] = cleaned;
    }
    const rest = Reflect.ownKeys(error).filter((key) => key !== 'stack' && !parts.has(key as string));
    this.#copyProperties(error, rest, copy, depth);
    return copy;
  }

  #cleanTypedArray(list: object, depth: number): unknown {
    const name = typedArrayName(list);
    if (name === 'Uint8Array') return this.#cleanBytes(list, name, depth);
    // First, because it throws for what is detached.
    const items = typedArrayItems(list);
    this.#nameRestOfTypedArray(list, depth);
    this.#alter('changed', name, depth);
    return this.#cleanItems(items, depth);
  }

  #cleanBytes(object: object, reason: string, depth: number): unknown {
    const bytes = bytesOf(object);
    const length = 4 * Math.ceil(bytes.length / 3);
    if (!this.#hasTextRoom(length)) return this.#alter('cut', 'too much text', depth);
    if (types.isTypedArray(object)) this.#nameRestOfTypedArray(object, depth);
    else this.#nameRest(object, Reflect.ownKeys(object), `property of a ${reason}`, depth);
    return this.#changed(reason, base64(bytes), depth);
  }

  #cleanDate(date: object, depth: number): unknown {
    const text = dateText(date);
    if (text !== null) return this.#changed('date', text, depth);
    this.#alter('changed', 'invalid date', depth);
    return null;
  }

  #cleanBoxed(box: object, depth: number): unknown {
    const value = unboxed(box);
    const length = typeof value === 'string' ? value.length : 0;
    if (!this.#hasTextRoom(length)) return this.#alter('cut', 'too much text', depth);
    // A boxed text has its characters and its length as keys.
    const rest = typeof value === 'string' ? keysBeyond(box, length + 1) : Reflect.ownKeys(box);
    this.#nameRest(box, rest, 'property of a boxed value', depth);
    if (typeof value !== 'symbol') this.#alter('changed', 'boxed value', depth);
    this.#depth = depth;
    return this.clean(value);
  }

  /** Names own properties for which the form that is written has no place. */
  #nameRest(object: object, keys: readonly (string | symbol)[], reason: string, depth: number): void {
    for (const key of keys) {
      if (!this.#hasRoom(depth)) return;
      this.#steps[depth] = key;
      const property = Object.getOwnPropertyDescriptor(object, key);
      if (property === undefined || Object.hasOwn(property, 'value')) this.#alter('lost', reason);
      else this.#alter('refused', 'accessor');
    }
  }

  #nameRestOfList(list: readonly unknown[], depth: number): void {
    const keys = Reflect.ownKeys(list);
    // Places come first, then `length`.
    this.#nameRest(list, keys.slice(keys.indexOf('length') + 1), 'property of an array', depth);
  }

  #nameRestOfTypedArray(list: object, depth: number): void {
    this.#nameRest(list, keysBeyond(list, typedArrayLength(list)), 'property of a typed array', depth);
  }

  #newObject(): Dictionary {
    return this.#isMeddledWith ? Object.create(null) : {};
  }

  #newList(): unknown[] {
    return this.#isMeddledWith ? Object.setPrototypeOf([], null) : [];
  }

  /** Counts text that will be written; what does not fit is not counted, and what follows may fit. */
  #fits(length: number): boolean {
    const text = this.#text + length;
    if (text > this.#limits.textMax) return false;
    this.#text = text;
    return true;
  }

  #hasTextRoom(length: number): boolean {
    return this.#text + length <= this.#limits.textMax;
  }

  /** Counts the values of a container that is written as it is. */
  #takes(count: number): boolean {
    const values = this.#values + count;
    if (values > this.#limits.valuesMax) return false;
    this.#values = values;
    return true;
  }

  /** Counts one more value in the container at this depth; false, and in the account, when that is too many. */
  #hasRoom(depth: number): boolean {
    if (this.#takes(1)) return true;
    this.#isFull = true;
    this.#alter('cut', 'too many values', depth);
    return false;
  }

  #changed(reason: string, text: string, depth = this.#depth): unknown {
    if (!this.#fits(text.length)) return this.#alter('cut', 'too much text', depth);
    this.#alter('changed', reason, depth);
    return text;
  }

  /** Names an alteration, at so many steps from the root. */
  #alter(kind: Alteration['kind'], reason: string, depth = this.#depth): typeof gone {
    this.#ledger.enter(kind, reason, this.#steps.slice(0, depth));
    return gone;
  }
}

/** The least bigint of more than 10,000 digits. */
const tooManyDigits = 10n ** 10_000n;

/** Places of the largest typed array, or boxed text, on which other properties are looked for. */
const searchedPlacesMax = 65_536;

/** The own keys that are no places. Nobody lists millions of keys to find one that is none. */
function keysBeyond(object: object, places: number): (string | symbol)[] {
  return places <= searchedPlacesMax ? Reflect.ownKeys(object).slice(places) : [];
}

/** Asks for no more than whether there is a getter: much cheaper in arrays than to ask for a descriptor. */
const lookupGetter = (Object.prototype as unknown as { __lookupGetter__(key: number): unknown })
  .__lookupGetter__;

function whyNoData(
  property: PropertyDescriptor | undefined,
  key: string | number | symbol,
): string | undefined {
  if (property === undefined) return 'hole';
  if (!Object.hasOwn(property, 'value')) return 'accessor';
  if (typeof key === 'symbol') return 'symbol key';
  // Nobody who reads a list asks whether a place is enumerable.
  return property.enumerable === true || typeof key === 'number' ? undefined : 'hidden property';
}
