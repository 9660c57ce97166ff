import { setImmediate as hop } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets promise work go on, then time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
    this.#now = until;
  }

  get pending(): number {
    return this.#timers.size;
  }
}

/** Resolves when promise work is quiet. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round++) await hop();
}
