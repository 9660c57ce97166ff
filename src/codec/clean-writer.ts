import { types } from 'node:util';
import { brandOf } from './brands.ts';
import { classNameOf } from './class-name.ts';
import type { Alteration, Encoded } from './codec.ts';
import type { CodecLimits } from './limits.ts';

/** Writes one value as clean JSON text and names everything that the text does not hold. Used once. */
export class CleanWriter {
  readonly #limits: CodecLimits;
  readonly #account: Alteration[] = [];
  /** From the root to the value that is being written. */
  readonly #path: (string | number)[] = [];
  /** The containers on that path: meeting one of them again is a cycle. */
  readonly #open = new Set<object>();
  #values = 0;
  #text = 0;
  #accountText = 0;
  #accountIsFull = false;

  constructor(limits: CodecLimits) {
    this.#limits = limits;
  }

  write(value: unknown): Encoded {
    return { text: this.#valueText(value) ?? 'null', account: this.#account };
  }

  /** The value's text; undefined where it has none, which is in the account by then. */
  #valueText(value: unknown): string | undefined {
    this.#values += 1;
    switch (typeof value) {
      case 'string':
        return this.#stringText(value);
      case 'number':
        return this.#numberText(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'bigint':
        this.#alter('changed', 'bigint');
        return this.#stringText(String(value));
      case 'object':
        return value === null ? 'null' : this.#containerText(value);
      default:
        return this.#alter('lost', typeof value);
    }
  }

  #stringText(value: string): string | undefined {
    this.#text += value.length;
    return this.#text > this.#limits.textMax ? this.#alter('cut', 'too much text') : JSON.stringify(value);
  }

  #numberText(value: number): string {
    if (Object.is(value, -0)) {
      this.#alter('changed', 'negative zero');
      return '0';
    }
    if (Number.isFinite(value)) return String(value);
    this.#alter('changed', Number.isNaN(value) ? 'not a number' : 'infinity');
    return 'null';
  }

  #containerText(value: object): string | undefined {
    if (types.isProxy(value)) return this.#alter('refused', 'proxy');
    if (this.#open.has(value)) return this.#alter('refused', 'cycle');
    if (this.#open.size >= this.#limits.depthMax) return this.#alter('cut', 'too deep');
    const steps = this.#path.length;
    this.#open.add(value);
    try {
      return Array.isArray(value) ? this.#arrayText(value) : this.#brandedText(value);
    } catch {
      // A buffer that was detached, a host object that will not be read: its siblings are none the worse.
      this.#path.length = steps;
      return this.#alter('refused', 'unreadable');
    } finally {
      this.#open.delete(value);
    }
  }

  #brandedText(value: object): string | undefined {
    const brand = brandOf(value);
    switch (brand) {
      case 'plain':
        return this.#objectText(value);
      case 'map':
        this.#alter('changed', 'map');
        this.#nameRest(value, Reflect.ownKeys(value), 'property of a map');
        return this.#itemsText(Map.prototype.entries.call(value));
      case 'set':
        this.#alter('changed', 'set');
        this.#nameRest(value, Reflect.ownKeys(value), 'property of a set');
        return this.#itemsText(Set.prototype.values.call(value));
      case 'typed array':
        this.#alter('changed', 'typed array');
        return this.#itemsText(arrayValues.call(value as Uint8Array));
      case 'date':
        return this.#dateText(value);
      case 'error':
        return this.#errorText(value);
      case 'regular expression':
        this.#alter('changed', 'regular expression');
        return this.#stringText(`/${sourceOf.call(value)}/`);
      case 'boxed':
        return this.#boxedText(value);
      default:
        return this.#alter('lost', brand);
    }
  }

  #arrayText(list: readonly unknown[]): string {
    const prototype = Object.getPrototypeOf(list);
    if (prototype !== Array.prototype) this.#alter('changed', `instance of ${classNameOf(list)}`);
    const keys = Reflect.ownKeys(list);
    // Places come first, then `length`, then whatever else hangs on the array.
    this.#nameRest(list, keys.slice(keys.indexOf('length') + 1), 'property of an array');
    let text = '[';
    for (let place = 0; place < list.length; place++) {
      if (this.#isFull()) break;
      if (place > 0) text += ',';
      text += this.#at(place, () => this.#propertyText(list, place)) ?? 'null';
    }
    return `${text}]`;
  }

  /** Values that come one after the other, as an array. */
  #itemsText(items: Iterable<unknown>): string {
    let text = '[';
    let place = 0;
    for (const item of items) {
      if (this.#isFull()) break;
      if (place > 0) text += ',';
      text += this.#at(place, () => this.#valueText(item)) ?? 'null';
      place += 1;
    }
    return `${text}]`;
  }

  #objectText(object: object): string {
    const prototype = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      this.#alter('changed', `instance of ${classNameOf(object)}`);
    }
    let text = '';
    for (const key of Reflect.ownKeys(object)) {
      if (this.#isFull()) break;
      this.#at(key, () => {
        const value = this.#propertyText(object, key);
        if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${value}`;
      });
    }
    return `{${text}}`;
  }

  /** The text of an own property that is data and in sight. */
  #propertyText(object: object, key: string | number | symbol): string | undefined {
    const property = Object.getOwnPropertyDescriptor(object, key);
    if (property === undefined) {
      this.#values += 1;
      return this.#alter('lost', 'hole');
    }
    if (!('value' in property)) return this.#alter('refused', 'accessor');
    if (typeof key === 'symbol') return this.#alter('lost', 'symbol key');
    if (!property.enumerable) return this.#alter('lost', 'hidden property');
    if (typeof key === 'string') {
      this.#text += key.length;
      if (this.#text > this.#limits.textMax) return this.#alter('cut', 'too much text');
    }
    return this.#valueText(property.value);
  }

  #dateText(date: object): string {
    try {
      const text = Date.prototype.toISOString.call(date);
      this.#alter('changed', 'date');
      return `"${text}"`;
    } catch {
      this.#alter('changed', 'invalid date');
      return 'null';
    }
  }

  #errorText(error: object): string {
    this.#alter('changed', 'error');
    const name = this.#stringText(dataIn(error, 'name') ?? 'Error') ?? 'null';
    const message = this.#stringText(dataIn(error, 'message') ?? '') ?? 'null';
    return `{"name":${name},"message":${message}}`;
  }

  #boxedText(box: object): string | undefined {
    if (types.isSymbolObject(box)) return this.#alter('lost', 'symbol');
    this.#alter('changed', 'boxed value');
    if (types.isStringObject(box)) return this.#valueText(String.prototype.valueOf.call(box));
    if (types.isNumberObject(box)) return this.#valueText(Number.prototype.valueOf.call(box));
    if (types.isBooleanObject(box)) return this.#valueText(Boolean.prototype.valueOf.call(box));
    return this.#valueText(BigInt.prototype.valueOf.call(box));
  }

  /** Names own properties for which the form that is written has no place. */
  #nameRest(object: object, keys: readonly (string | symbol)[], reason: string): void {
    for (const key of keys) {
      if (this.#isFull()) return;
      this.#values += 1;
      const property = Object.getOwnPropertyDescriptor(object, key);
      const isData = property !== undefined && 'value' in property;
      this.#at(key, () => this.#alter(isData ? 'lost' : 'refused', isData ? reason : 'accessor'));
    }
  }

  /** True, and in the account, when no more values may be written here. */
  #isFull(): boolean {
    if (this.#values < this.#limits.valuesMax) return false;
    this.#alter('cut', 'too many values');
    return true;
  }

  #at<T>(step: string | number | symbol, write: () => T): T {
    this.#path.push(stepName(step));
    const written = write();
    this.#path.pop();
    return written;
  }

  #alter(kind: Alteration['kind'], reason: string): undefined {
    if (this.#accountIsFull) return;
    const path = [...this.#path];
    for (const step of path) this.#accountText += typeof step === 'string' ? step.length : 4;
    this.#accountIsFull =
      this.#account.length >= this.#limits.alterationsMax || this.#accountText > accountTextMax;
    // The root names everything below it: the account stays complete, though it is no longer exact.
    this.#account.push(
      this.#accountIsFull
        ? { path: [], kind: 'cut', reason: 'too many alterations' }
        : { path, kind, reason },
    );
  }
}

/** Characters of paths in an account. */
const accountTextMax = 1024 * 1024;

/** As they are in the language, whatever an object says of itself. */
const arrayValues: () => Iterable<unknown> = Object.getPrototypeOf(Uint8Array.prototype).values;
const sourceOf = getterOf(RegExp.prototype, 'source');

function getterOf(prototype: object, key: string): () => unknown {
  const getter = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  if (getter === undefined) throw new TypeError(`${key} is no getter here`);
  return getter;
}

/** A text that an object or its prototypes hold as data: no getter is run. */
function dataIn(object: object, key: string): string | undefined {
  let holder: object | null = object;
  for (let steps = 0; holder !== null && steps < 10 && !types.isProxy(holder); steps++) {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (property !== undefined) return typeof property.value === 'string' ? property.value : undefined;
    holder = Object.getPrototypeOf(holder);
  }
  return undefined;
}

/** A key as a path names it; a very long one is shortened, for an account is for reading. */
function stepName(step: string | number | symbol): string | number {
  if (typeof step === 'number') return step;
  const name = String(step);
  return name.length <= 1_000 ? name : name.slice(0, 1_000);
}
