import type { History } from '../../history.ts';

/** By history, then by what read it. */
const kept = new WeakMap<History, Map<unknown, unknown>>();

/** The same reading, done once for each history however many invariants ask for it. */
export function once<T>(read: (history: History) => T): (history: History) => T {
  return (history) => {
    let readings = kept.get(history);
    if (readings === undefined) {
      readings = new Map();
      kept.set(history, readings);
    }
    if (readings.has(read)) return readings.get(read) as T;
    const reading = read(history);
    readings.set(read, reading);
    return reading;
  };
}

/**
 * Nobody will ask for readings of this history again. Left alone they would go with it, but only when the engine
 * looks through all its memory, and until then they would keep all of the history.
 */
export function forgetReadings(history: History): void {
  kept.delete(history);
}
