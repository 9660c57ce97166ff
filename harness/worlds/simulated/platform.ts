/**
 * The platform's own clock and timers, kept before a simulation replaces the globals. Only the simulation's
 * plumbing uses them; nothing that runs inside a play may.
 */
export const platform = {
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  Date: globalThis.Date,
} as const;

type Drain = () => void;

/**
 * Runs all promise and `process.nextTick` work that is due, to its end, as Node itself does between two
 * immediates; null where the platform does not offer it. Must be called from a macrotask.
 */
export const drainDueWork: Drain | null = findDrain();

function findDrain(): Drain | null {
  const candidate = (process as { _tickCallback?: unknown })._tickCallback;
  return typeof candidate === 'function' ? (candidate.bind(process) as Drain) : null;
}
