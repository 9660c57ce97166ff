import { threadId } from 'node:worker_threads';
import type { Guard } from './unlocked.ts';

/**
 * A lock that its thread may take again while it holds it. Everything on an event loop is of one thread: nobody
 * ever waits here.
 */
export class ThreadLock implements Guard {
  #owner: number | null = null;
  #depth = 0;

  enter(): void {
    if (this.#owner !== null && this.#owner !== threadId) throw new Error('another thread holds the lock');
    this.#owner = threadId;
    this.#depth += 1;
  }

  leave(): void {
    this.#depth -= 1;
    if (this.#depth === 0) this.#owner = null;
  }
}
