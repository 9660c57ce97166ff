import type { Alteration } from '../codec/codec.ts';
import type { Json } from '../json.ts';

/**
 * Parameters fit to be shown: values whose key names a secret are replaced, and each replacement is named.
 * Counts of tokens are numbers, not secrets, and stay.
 */
export function redact(value: Json): { readonly value: Json; readonly account: readonly Alteration[] } {
  const account: Alteration[] = [];
  return { value: redacted(value, [], account), account };
}

const secretKey = /password|secret|token|api_?key|auth|credential/i;
const tokenCount = /tokens$/i;

function redacted(value: Json, path: readonly (string | number)[], account: Alteration[]): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return isPlainList(value) ? value : value.map((item, place) => redacted(item, [...path, place], account));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      if (!isSecret(key, held)) return [key, redacted(held, [...path, key], account)];
      account.push({ path: [...path, key], kind: 'changed', reason: 'redacted' });
      return [key, '[redacted]'];
    }),
  );
}

function isSecret(key: string, held: Json): boolean {
  if (!secretKey.test(key)) return false;
  if (!tokenCount.test(key)) return true;
  return typeof held !== 'number' && !(Array.isArray(held) && held.every((item) => typeof item === 'number'));
}

function isPlainList(list: readonly Json[]): boolean {
  return list.every((item) => typeof item !== 'object' || item === null);
}
