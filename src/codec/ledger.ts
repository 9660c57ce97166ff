import type { Alteration } from './codec.ts';
import type { CodecLimits } from './limits.ts';

/** An account as it grows, within its limits. */
export class Ledger {
  readonly entries: Alteration[] = [];
  readonly #limits: CodecLimits;
  #text = 0;
  #isFull = false;

  constructor(limits: CodecLimits) {
    this.#limits = limits;
  }

  /** Names an alteration, at these steps from the root. */
  enter(kind: Alteration['kind'], reason: string, steps: readonly (string | number | symbol)[]): void {
    if (this.#isFull) return;
    const path = steps.map(stepName);
    for (const step of path) this.#text += typeof step === 'string' ? step.length : 4;
    this.#isFull = this.entries.length >= this.#limits.alterationsMax || this.#text > pathTextMax;
    // The root names everything below it: the account stays complete, though it is no longer exact.
    this.entries.push(
      this.#isFull ? { path: [], kind: 'cut', reason: 'too many alterations' } : { path, kind, reason },
    );
  }
}

/** Characters of paths in an account. */
const pathTextMax = 1024 * 1024;

/** A key as a path names it; a very long one is shortened, for an account is for reading. */
function stepName(step: string | number | symbol): string | number {
  if (typeof step === 'number') return step;
  const name = String(step);
  return name.length <= 1_000 ? name : name.slice(0, 1_000);
}
