import type { Realm } from './kernel.ts';

/** Something to do at a time; `run` null: undone, or done. */
export interface KernelEvent {
  /** Virtual microseconds. */
  at: number;
  sequence: number;
  run: (() => void) | null;
  readonly realm: Realm;
}

/** A binary heap: the earliest event first, of equal times the one that was pushed first. */
export class EventHeap {
  readonly #heap: KernelEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(event: KernelEvent): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as KernelEvent;
      if (above.at < event.at || (above.at === event.at && above.sequence < event.sequence)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = event;
  }

  pop(): KernelEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    const half = heap.length >> 1;
    let i = 0;
    while (i < half) {
      let child = 2 * i + 1;
      let below = heap[child] as KernelEvent;
      const other = heap[child + 1];
      if (other !== undefined && before(other, below)) {
        child++;
        below = other;
      }
      if (!before(below, last)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function before(a: KernelEvent, b: KernelEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
