import type { Json } from '../../history.ts';

export type JsonObject = { [key: string]: Json };

/** The value as an object, or undefined where it is none. */
export function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** The object's own field, or undefined: never what a prototype holds. */
export function fieldOf(object: JsonObject | undefined, key: string): Json | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The field as text, or undefined where it is none. What a prototype holds is no text. */
export function textOf(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** `null`, `array` or what typeof says; `nothing` for what is not there. */
export function typeOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Deep equality; the order of keys does not count. */
export function equal(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!equal(left[index], right[index])) return false;
    return true;
  }
  const keys = Object.keys(left);
  const others = Object.keys(right);
  if (keys.length !== others.length) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string;
    // Most have their keys in the same order, and then nothing need be looked up.
    if (key !== others[index] && !Object.hasOwn(right, key)) return false;
    if (!equal(left[key], right[key])) return false;
  }
  return true;
}
