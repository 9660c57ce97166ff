import { types } from 'node:util';
import type { Json } from '../../src/json.ts';

export interface PlainCopy {
  /** Fresh plain data, shared with nothing; null stands where something was not plain. */
  readonly json: Json;
  /** Whether the value was JSON data all through. */
  readonly plain: boolean;
}

/** Copies a value as plain JSON data. Runs no code of the value: no getter, no `toJSON`, no proxy. */
export function plainCopy(value: unknown): PlainCopy {
  const copier = new Copier();
  const json = copier.copy(value, 0);
  return { json, plain: copier.plain };
}

/** Deeper than any result that is meant as data; not so deep that the copy fails. */
const depthMax = 500;

class Copier {
  plain = true;
  /** The objects on the way down: one that comes again is a cycle. */
  readonly #above: object[] = [];

  copy(value: unknown, depth: number): Json {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        // JSON has one zero.
        return Number.isFinite(value) ? value + 0 : this.#notPlain();
      case 'object':
        return value === null ? null : this.#copyObject(value, depth);
      default:
        return this.#notPlain();
    }
  }

  #copyObject(value: object, depth: number): Json {
    if (depth > depthMax || types.isProxy(value) || this.#above.includes(value)) return this.#notPlain();
    this.#above.push(value);
    const copy = Array.isArray(value) ? this.#copyArray(value, depth) : this.#copyRecord(value, depth);
    this.#above.pop();
    return copy;
  }

  #copyArray(array: unknown[], depth: number): Json {
    if (Object.getPrototypeOf(array) !== Array.prototype) return this.#notPlain();
    // Every element, and `length`: anything else is more than an array of data.
    if (Reflect.ownKeys(array).length !== array.length + 1) this.plain = false;
    const copy = new Array<Json>(array.length);
    for (let index = 0; index < copy.length; index++) copy[index] = this.#copyProperty(array, index, depth);
    return copy;
  }

  #copyRecord(record: object, depth: number): Json {
    const prototype = Object.getPrototypeOf(record);
    if (prototype !== Object.prototype && prototype !== null) return this.#notPlain();
    // Names and symbols one by one: to ask for both at once costs three times as much.
    if (Object.getOwnPropertySymbols(record).length > 0) this.plain = false;
    const copy: { [key: string]: Json } = {};
    for (const key of Object.getOwnPropertyNames(record)) {
      const value = this.#copyProperty(record, key, depth);
      if (key === '__proto__')
        Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
      else copy[key] = value;
    }
    return copy;
  }

  #copyProperty(holder: object, key: string | number, depth: number): Json {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    // An accessor has none either, and neither is data.
    const value: unknown = property?.value;
    if (value === undefined || property?.enumerable !== true) return this.#notPlain();
    return typeof value === 'string' ? value : this.copy(value, depth + 1);
  }

  #notPlain(): null {
    this.plain = false;
    return null;
  }
}
