import type { WorldClock } from '../clock.ts';
import type { Meeting } from '../director.ts';
import type { Direction } from '../message.ts';
import type { GateEnd, Unit } from './gate-contract.ts';

/** Something on its way through a gate. */
export interface Entry {
  readonly what: 'message' | 'end' | 'reset';
  readonly unit: Unit;
  /** Null for what is not asked about: bytes without a name, the end, a reset. */
  meeting: Meeting | null;
  due: boolean;
}

/** What a gate does at each of the two moments of an entry. */
export interface LaneHandlers {
  /** As it comes. */
  meet(entry: Entry, lane: Lane): void;
  /** Once it is due and first in line. */
  carry(entry: Entry, lane: Lane): void;
}

/**
 * One direction of a connection: keeps order, whatever is delayed and whoever writes back at once while it is
 * being written to. What passes together is written together, without copying.
 */
export class Lane {
  readonly direction: Direction;
  readonly to: GateEnd;
  /** Nothing passes any more. */
  silent = false;
  /** A message that waits to change places with the next. */
  swapped: { readonly unit: Unit; readonly meeting: Meeting; readonly cancel: () => void } | undefined;
  readonly #handlers: LaneHandlers;
  #incoming: Entry[] = [];
  #queue: Entry[] = [];
  #outgoing: Unit[] = [];
  #holds = 0;
  #taking = false;
  #carrying = false;
  #writing = false;

  constructor(direction: Direction, to: GateEnd, handlers: LaneHandlers) {
    this.direction = direction;
    this.to = to;
    this.#handlers = handlers;
  }

  /** Takes what came, in order, also when called while it is at work. */
  take(entries: readonly Entry[]): void {
    for (const entry of entries) this.#incoming.push(entry);
    if (this.#taking) return;
    this.#taking = true;
    for (let i = 0; i < this.#incoming.length; i++) {
      const entry = this.#incoming[i];
      if (entry === undefined) continue;
      this.#handlers.meet(entry, this);
      if (!this.silent) this.#queue.push(entry);
      this.#carryDue();
      if (i === this.#incoming.length - 1) this.flush();
    }
    this.#incoming = [];
    this.#taking = false;
  }

  /** The entry may go on as soon as those before it have. */
  due(entry: Entry): void {
    entry.due = true;
    if (this.#taking) return;
    this.#carryDue();
    this.flush();
  }

  /** Nothing is carried until as many `release`s; what is held keeps its order. */
  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    if (this.#taking) return;
    this.#carryDue();
    this.flush();
  }

  write(unit: Unit): void {
    if (!this.silent) this.#outgoing.push(unit);
  }

  /** Hands over the pieces one after the other, so long apart that they arrive apart; what follows waits. */
  writeApart(pieces: readonly Buffer[], clock: WorldClock, apartMs: number): void {
    this.flush();
    this.hold();
    const [first, ...others] = pieces;
    if (first !== undefined && !this.silent) this.to.write(first);
    if (others.length > 0) {
      clock.after(apartMs, () => {
        this.writeApart(others, clock, apartMs);
        this.release();
      });
    } else this.release();
  }

  /** Hands over what was written. */
  flush(): void {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#outgoing.length > 0) {
      const units = this.#outgoing;
      this.#outgoing = [];
      const [only] = units;
      if (only !== undefined && units.length === 1) this.to.write(only.bytes, only.parsed);
      else for (const bytes of joined(units)) this.to.write(bytes);
    }
    this.#writing = false;
  }

  /** From here on nothing passes; what waits is forgotten. */
  silence(): void {
    this.silent = true;
    this.swapped?.cancel();
    this.swapped = undefined;
    this.#queue = [];
  }

  #carryDue(): void {
    if (this.#carrying) return;
    this.#carrying = true;
    for (let entry = this.#queue[0]; entry?.due === true && this.#holds === 0; entry = this.#queue[0]) {
      this.#queue.shift();
      this.#handlers.carry(entry, this);
    }
    this.#carrying = false;
  }
}

/** Units that lie behind one another in memory become one stretch again: no copy, and one write. */
function joined(units: readonly Unit[]): Buffer[] {
  const stretches: Buffer[] = [];
  let last: Buffer | undefined;
  for (const { bytes } of units) {
    if (
      last !== undefined &&
      last.buffer === bytes.buffer &&
      last.byteOffset + last.length === bytes.byteOffset
    ) {
      last = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length);
      stretches[stretches.length - 1] = last;
    } else {
      last = bytes;
      stretches.push(bytes);
    }
  }
  return stretches;
}
