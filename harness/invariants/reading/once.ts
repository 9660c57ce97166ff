import type { History } from '../../history.ts';

/** The same reading, done once for each history however many invariants ask for it. */
export function once<T>(read: (history: History) => T): (history: History) => T {
  const kept = new WeakMap<History, { readonly reading: T }>();
  return (history) => {
    const before = kept.get(history);
    if (before !== undefined) return before.reading;
    const reading = read(history);
    kept.set(history, { reading });
    return reading;
  };
}
