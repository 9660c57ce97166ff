import type { Cancel, Clock } from '../ports.ts';

/**
 * Notices a connection that is only half there. Where nothing came for a whole interval (so after one to two of
 * them) it asks for a sign of life, and where none comes within `deadlineMs` either the connection is dead. One
 * timer, and nothing to do for a message but to say that it came.
 */
export class Pulse {
  readonly #clock: Clock;
  readonly #means: { ask(): void; dead(): void };
  #cancel: Cancel = () => {};
  #heard = false;

  constructor(clock: Clock, means: { ask(): void; dead(): void }) {
    this.#clock = clock;
    this.#means = means;
  }

  /** Something came. */
  heard(): void {
    this.#heard = true;
  }

  start(intervalMs: number, deadlineMs: number): void {
    this.stop();
    this.#heard = false;
    this.#cancel = this.#clock.after(intervalMs, () => {
      if (this.#heard) {
        this.start(intervalMs, deadlineMs);
        return;
      }
      this.#means.ask();
      this.#wait(intervalMs, deadlineMs);
    });
  }

  stop(): void {
    this.#cancel();
  }

  #wait(intervalMs: number, deadlineMs: number): void {
    const due = this.#clock.now() + deadlineMs;
    this.#cancel = this.#clock.after(deadlineMs, () => {
      if (this.#heard) this.start(intervalMs, deadlineMs);
      // This side slept (a busy loop, a tab in the background): what came meanwhile is not read yet.
      else if (this.#clock.now() - due > deadlineMs / 2) this.#wait(intervalMs, deadlineMs);
      else this.#means.dead();
    });
  }
}
