/**
 * Finds where a unit of bytes ends: its end as an offset, or, where it is not whole yet, the negated number
 * of bytes from `start` that it needs at least (more than there are).
 */
export type UnitEnd = (bytes: Buffer, start: number) => number;

/** Cuts a stream that comes in any pieces into whole units; holds back what is not whole yet. */
export class ByteCutter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Fewer bytes than this cannot be a unit: no need to join and look again. */
  #needed = 0;

  /** Calls `take` with each unit that is whole by now; the units are views of the pieces where possible. */
  cut(piece: Buffer, endOf: UnitEnd, take: (unit: Buffer) => void): void {
    let bytes = piece;
    if (this.#heldBytes > 0) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (this.#heldBytes < this.#needed) return;
      bytes = this.rest();
    }
    let start = 0;
    while (start < bytes.length) {
      const end = endOf(bytes, start);
      if (end <= 0) {
        this.#needed = -end;
        this.#held = [start === 0 ? bytes : bytes.subarray(start)];
        this.#heldBytes = bytes.length - start;
        return;
      }
      take(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
      start = end;
    }
  }

  /** Whether nothing is held back. */
  get empty(): boolean {
    return this.#heldBytes === 0;
  }

  /** Lets go of what is held back. */
  rest(): Buffer {
    const [only] = this.#held;
    const bytes = only !== undefined && this.#held.length === 1 ? only : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#needed = 0;
    return bytes;
  }
}
