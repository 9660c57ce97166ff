import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory that a process takes for nothing, and gives back to its machine when it is told to. */
export class Ballast {
  /** By the number of what takes it. */
  readonly #held = new Map<number, Buffer[]>();

  get bytes(): number {
    return [...this.#held.values()].flat().reduce((sum, { length }) => sum + length, 0);
  }

  /** Little by little: memory is to be short, and not the time of the event loop. */
  async take(fill: number, bytes: number): Promise<void> {
    const held: Buffer[] = [];
    this.#held.set(fill, held);
    for (let left = bytes; left > 0 && this.#held.get(fill) === held; left -= piece) {
      // Written to, or it would not be resident.
      held.push(Buffer.alloc(Math.min(piece, left), 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What that fill took; without a number all of it. */
  drop(fill?: number): void {
    if (fill === undefined) this.#held.clear();
    else this.#held.delete(fill);
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
