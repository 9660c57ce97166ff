import { setImmediate as turn } from 'node:timers/promises';
import type { WorldClock } from './clock.ts';

/** Time that stands until a test moves it. */
export class ManualClock implements WorldClock {
  #now = 0;
  #order = 0;
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time on by `ms`, running what becomes due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }

  /** As `advance`, with promise work done between the steps. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await quiet();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.advance(next.at - this.#now);
      await quiet();
    }
    this.#now = end;
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  #next(end: number): { readonly at: number; readonly order: number; readonly run: () => void } | undefined {
    return this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

async function quiet(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn();
}
