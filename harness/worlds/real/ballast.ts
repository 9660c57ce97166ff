import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory that a process takes for nothing, and gives back to its machine when it is told to. */
export class Ballast {
  #held: Buffer[] = [];

  take(bytes: number): void {
    // Written to, or it would not be resident.
    for (let left = bytes; left > 0; left -= piece) this.#held.push(Buffer.alloc(Math.min(piece, left), 1));
  }

  drop(): void {
    this.#held = [];
    // What nobody holds goes back when it is collected, which would come at any time.
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
  }
}

const piece = 16 * 1024 * 1024;
