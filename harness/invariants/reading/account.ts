import type { Json } from '../../history.ts';
import { fieldOf, objectOf, textOf } from './json-shapes.ts';

/** What a pipeline owns up to: the paths that its account names with a kind and a reason. */
export class Account {
  readonly #named = new Set<string>();
  /** Every path on the way to a named one, itself included. */
  readonly #leadsToNamed = new Set<string>();

  constructor(account: Json | undefined) {
    if (!Array.isArray(account)) return;
    for (const json of account) {
      const entry = objectOf(json);
      const path = fieldOf(entry, 'path');
      if (!Array.isArray(path) || !textOf(entry, 'kind') || !textOf(entry, 'reason')) continue;
      const keys = keysDownTo(path);
      const own = keys.at(-1);
      if (own !== undefined) this.#named.add(own);
      for (const key of keys) this.#leadsToNamed.add(key);
    }
  }

  /** Whether the account names this path, something under it or something that it is a part of. */
  names(path: readonly (string | number)[]): boolean {
    const keys = keysDownTo(path);
    return this.#leadsToNamed.has(keys.at(-1) ?? '') || keys.some((key) => this.#named.has(key));
  }
}

/** One key for each path from the root down to `path`. NUL parts the steps: `['a', 1]` and `['a1']` differ. */
function keysDownTo(path: readonly Json[]): string[] {
  const keys = ['$'];
  let key = '$';
  for (const step of path) {
    key += `\u0000${String(step)}`;
    keys.push(key);
  }
  return keys;
}
