import { binaryClone } from './binary-clone.ts';
import { classNameOf } from './class-name.ts';
import { firstOf } from './take-all-cache.ts';

/**
 * JSON with a default: what has no JSON form is written as text that names it, and nobody is told. Only a
 * cycle or an object that cannot be read makes JSON fail, so that the later ways are hardly ever taken.
 */
export function withStringDefault(value: unknown): string {
  return firstOf(
    () => JSON.stringify(value, (_key, own: unknown) => (hasJsonForm(own) ? own : asText(own))),
    () => binaryClone(value),
    () => `<serialization_failed: ${classNameOf(value)}>`,
  );
}

function hasJsonForm(value: unknown): boolean {
  if (typeof value !== 'object') return ['string', 'number', 'boolean'].includes(typeof value);
  return value === null || Array.isArray(value) || ['Object', 'null'].includes(classNameOf(value));
}

function asText(value: unknown): string | null {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'function':
      return `<function ${value.name}>`;
    case 'object': {
      const name = classNameOf(value);
      return name === 'module' ? '<module>' : `<${name} object>`;
    }
    default:
      return String(value);
  }
}
