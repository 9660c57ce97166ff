import { hash32 } from '../../../dice.ts';
import type { Kernel } from '../kernel.ts';

/** Virtual time zero in milliseconds since the Unix epoch: also what the clock shows outside of a play. */
export const epoch = Date.UTC(2026, 0, 5, 9, 0, 0);

/** What the replaced globals act on: one play at a time, none between plays. */
export interface Stage {
  readonly kernel: Kernel;
  /** `Math.random`. */
  readonly chance: RandomStream;
  /** Random bytes, ids and integers of `node:crypto`. */
  readonly bytes: RandomStream;
}

/** The one holder that all replaced globals of this thread look at. */
export const onStage: { play: Stage | null } = { play: null };

/** The stage of one play; its dice depend on the seed alone. */
export function stageFor(kernel: Kernel, seed: number): Stage {
  return {
    kernel,
    chance: new RandomStream(hash32(seed, 'Math.random')),
    bytes: new RandomStream(hash32(seed, 'crypto')),
  };
}

/** Virtual milliseconds since the play began, with fractions; 0 outside of a play. */
export function virtualNow(): number {
  return onStage.play?.kernel.now() ?? 0;
}

/** A seeded stream of 32-bit numbers (mulberry32: short, fast, and good enough for dice). */
export class RandomStream {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.next32() / 0x1_0000_0000;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.next32();
      for (let j = 0; j < 4 && i + j < bytes.length; j++) bytes[i + j] = word >>> (8 * j);
    }
  }
}

/** For dice that are thrown outside of a play, such as while a module loads: the same in every process. */
export const idleStream = (): RandomStream => new RandomStream(0);
