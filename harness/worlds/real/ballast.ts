import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory that a process takes for nothing, and gives back to its machine when it is told to. */
export class Ballast {
  #held: Buffer[] = [];

  /** Little by little: memory is to be short, and not the time of the event loop. */
  async take(bytes: number): Promise<void> {
    const held = this.#held;
    for (let left = bytes; left > 0 && held === this.#held; left -= piece) {
      // Written to, or it would not be resident.
      held.push(Buffer.alloc(Math.min(piece, left), 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  drop(): void {
    this.#held = [];
    // What nobody holds goes back when it is collected, which would come at any time.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    // A thread of the engine's own gives buffers back; the next collection begins by waiting for it.
    collect();
  }
}

/** More than an allocator ever keeps for itself (glibc: 32 MiB): each piece goes back to the machine by itself. */
const piece = 40 * 1024 * 1024;
