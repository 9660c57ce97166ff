/**
 * A run has to *end* within `runMs`: so it is told to stop a little earlier, and has the rest to say so.
 * Milliseconds.
 */
export function stopMsOf(runMs: number): number {
  return runMs - 2 * graceMsOf(runMs);
}

/** How long a run that was told to stop may take before it is ended without its help. */
export function graceMsOf(runMs: number): number {
  return Math.min(1_000, Math.ceil(runMs / 20));
}

/** How long the context of a run is good for: one that ends in whatever way never sees it expire. */
export function contextMsOf(runMs: number): number {
  return Math.ceil(1.5 * runMs);
}
