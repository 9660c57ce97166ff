import { binaryClone } from './binary-clone.ts';
import { firstOf } from './take-all-cache.ts';

/** JSON where the value is JSON, else a clone, else `String(value)`: something can always be written. */
export function stringified(value: unknown): string {
  return firstOf(
    () => strictJson(value),
    () => binaryClone(value),
    () => String(value),
  );
}

/** Throws at whatever has no JSON form, as `json.dumps` does. */
function strictJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key) {
    // Not the second argument: of what has a `toJSON` that is already a stand-in.
    const own = this[key];
    if (!isJson(own)) throw new TypeError(`an object of type ${typeof own} is not JSON serialisable`);
    return own;
  });
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean';
  if (value === null || Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
