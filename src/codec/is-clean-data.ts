import { types } from 'node:util';
import { isDisguised } from './brands.ts';
import type { CodecLimits } from './limits.ts';

/**
 * True where `JSON.stringify` writes exactly what is there: only null, booleans, finite numbers but -0,
 * strings, whole arrays and plain objects, within the limits. Runs no foreign code: proxies are seen before
 * they are touched, and properties are read by their descriptors.
 */
export function isCleanData(value: unknown, limits: CodecLimits): boolean {
  // A toJSON that somebody hung on a built-in prototype would be called for every value.
  if ('toJSON' in Object.prototype || Object.hasOwn(Array.prototype, 'toJSON')) return false;
  return new Look(limits).isClean(value, 0);
}

class Look {
  readonly #limits: CodecLimits;
  #values = 0;
  #text = 0;

  constructor(limits: CodecLimits) {
    this.#limits = limits;
  }

  isClean(value: unknown, depth: number): boolean {
    this.#values += 1;
    if (this.#values > this.#limits.valuesMax) return false;
    switch (typeof value) {
      case 'string':
        return this.#fits(value);
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0);
      case 'boolean':
        return true;
      case 'object':
        return value === null || this.#isCleanContainer(value, depth);
      default:
        return false;
    }
  }

  #isCleanContainer(value: object, depth: number): boolean {
    // A cycle runs into the depth limit, and a lattice of shared values into the limit on values.
    if (depth >= this.#limits.depthMax || types.isProxy(value)) return false;
    return Array.isArray(value)
      ? this.#isCleanArray(value, depth)
      : this.#isCleanObject(value as Record<string, unknown>, depth);
  }

  #isCleanArray(list: readonly unknown[], depth: number): boolean {
    if (Object.getPrototypeOf(list) !== Array.prototype) return false;
    if (this.#values + list.length > this.#limits.valuesMax) return false;
    // Own keys beyond the places and `length` are names, symbols or hidden; fewer mean holes.
    if (Reflect.ownKeys(list).length !== list.length + 1) return false;
    for (let place = 0; place < list.length; place++) {
      const property = Object.getOwnPropertyDescriptor(list, place);
      if (property === undefined || !('value' in property) || !property.enumerable) return false;
      if (!this.isClean(property.value, depth + 1)) return false;
    }
    return true;
  }

  #isCleanObject(object: Record<string, unknown>, depth: number): boolean {
    const prototype = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) return false;
    // Cheaper than Reflect.ownKeys: equal numbers mean that no own key is hidden.
    const keys = Object.keys(object);
    if (Object.getOwnPropertySymbols(object).length > 0) return false;
    if (Object.getOwnPropertyNames(object).length !== keys.length) return false;
    if (isDisguised(object, prototype, keys.length)) return false;
    for (const key of keys) {
      if (!this.#fits(key)) return false;
      const property = Object.getOwnPropertyDescriptor(object, key);
      if (property === undefined || !('value' in property)) return false;
      if (!this.isClean(property.value, depth + 1)) return false;
    }
    return true;
  }

  #fits(text: string): boolean {
    this.#text += text.length;
    return this.#text <= this.#limits.textMax;
  }
}
