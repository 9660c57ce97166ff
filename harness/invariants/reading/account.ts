import type { Json, Poisoned } from '../../history.ts';
import type { Difference } from './differences.ts';
import { fieldOf, objectOf, textOf } from './json-shapes.ts';

/**
 * What a pipeline owns up to: the paths that its account names with a kind and a reason. It is held against
 * what is really there: a name for a place explains that place alone, and only what its kind says of it.
 */
export class Account {
  /** The kinds named for each path. */
  readonly #kinds = new Map<string, string[]>();
  /** Every path on the way to a named one, the named one not included. */
  readonly #leadsToNamed = new Set<string>();
  readonly #paths: (readonly Json[])[] = [];

  constructor(account: Json | undefined) {
    if (!Array.isArray(account)) return;
    for (const json of account) {
      const entry = objectOf(json);
      const path = fieldOf(entry, 'path');
      const kind = textOf(entry, 'kind');
      if (!Array.isArray(path) || !kind || !textOf(entry, 'reason')) continue;
      const keys = keysDownTo(path);
      const own = keys.pop() ?? root;
      const kinds = this.#kinds.get(own);
      if (kinds === undefined) this.#kinds.set(own, [kind]);
      else kinds.push(kind);
      for (const key of keys) this.#leadsToNamed.add(key);
      // A limit may have been met anywhere.
      if (kind !== 'cut') this.#paths.push(path);
    }
  }

  /**
   * Whether the account says what became of this place: it names the place, and its kind fits what is left.
   * Where all that is left is a list or an object of which nobody can say what it should be, the name of
   * something in it does as well. A name for what surrounds the place does not tell what is gone from it; and
   * that something is changed does not tell that half of it is gone.
   */
  explains({ path, of, expected, found }: Pick<Difference, 'path' | 'of' | 'expected' | 'found'>): boolean {
    const own = keysDownTo(path).at(-1) ?? root;
    const kinds = this.#kinds.get(own) ?? [];
    if (of === 'content') return kinds.includes('cut') || this.#leadsToNamed.has(own);
    if (kinds.some((kind) => agrees(kind, found))) return true;
    const isOpen = of === 'foreign' && expected === undefined && typeof found === 'object' && found !== null;
    return isOpen && this.#leadsToNamed.has(own);
  }

  /** The first path that is named, and at or above which no poison was put: a loss that never was. */
  strayFrom(poisoned: readonly Poisoned[]): readonly (string | number)[] | undefined {
    const put = new Set(poisoned.map(({ path }) => keysDownTo(path).at(-1)));
    const stray = this.#paths.find((path) => !keysDownTo(path).some((key) => put.has(key)));
    return stray?.map((step) => (typeof step === 'number' ? step : String(step)));
  }
}

/** What is lost or refused leaves nothing behind, but a null in a list; what is changed is there. */
function agrees(kind: string, found: Json | undefined): boolean {
  if (kind === 'lost' || kind === 'refused') return found === undefined || found === null;
  return kind !== 'changed' || found !== undefined;
}

const root = '$';

/** One key for each path from the root down to `path`. NUL parts the steps: `['a', 1]` and `['a1']` differ. */
function keysDownTo(path: readonly Json[]): string[] {
  const keys = [root];
  let key = root;
  for (const step of path) {
    key += `\u0000${String(step)}`;
    keys.push(key);
  }
  return keys;
}
