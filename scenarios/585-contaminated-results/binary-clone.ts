import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';

/**
 * A value as the old platform pickled it: whatever can be cloned, as text. Throws at what cannot. Of an error,
 * type, message and cause: where it was thrown is not kept, as it was not then.
 */
export function binaryClone(value: unknown): string {
  const clone: unknown = deserialize(serialize(value));
  forgetStacks(clone, new Set());
  return serialize(clone).toString('base64');
}

/** The clone that the text holds. Throws where it holds none. */
export function fromBinaryClone(text: string): unknown {
  return deserialize(Buffer.from(text, 'base64'));
}

/** In a clone, which is nobody else's. */
function forgetStacks(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (types.isNativeError(value)) {
    delete value.stack;
    forgetStacks(value.cause, seen);
  }
  const items =
    value instanceof Map ? [...value].flat() : value instanceof Set ? value : Object.values(value);
  for (const item of items) forgetStacks(item, seen);
}
