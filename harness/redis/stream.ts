import type { StreamGroup } from './stream-group.ts';
import { compareIds, greatestId, idAfter, leastId, type StreamId } from './stream-id.ts';
import { type StreamEntry, StreamNode } from './stream-node.ts';

/** What trimming keeps: the newest `maxLength`, or all from `minId` on. `limit`: at most so many go; 0: no limit. */
export type Trim = ({ readonly maxLength: number } | { readonly minId: StreamId }) & {
  /** Whole blocks only. */
  readonly approximate: boolean;
  readonly limit: number;
};

/** A stream with its consumer groups, as Redis 7.0 counts it. */
export class Stream {
  length = 0;
  entriesAdded = 0;
  lastId: StreamId = leastId;
  greatestDeletedId: StreamId = leastId;
  readonly groups = new Map<string, StreamGroup>();
  #nodes: StreamNode[] = [];

  get nodeCount(): number {
    return this.#nodes.length;
  }

  /** The id of the first entry; the least where there is none. */
  get firstId(): StreamId {
    return this.length === 0 ? leastId : (this.range(leastId, greatestId, 1)[0] ?? leastId);
  }

  /** The id that comes next at this time. */
  nextId(nowMs: number): StreamId {
    if (nowMs > this.lastId.ms) return { ms: nowMs, seq: 0 };
    return idAfter(this.lastId) ?? this.lastId;
  }

  /** `id` is greater than the last. */
  append(id: StreamId, fields: readonly string[]): void {
    const entry = { ms: id.ms, seq: id.seq, fields };
    const node = this.#nodes.at(-1);
    if (node?.hasRoomFor(fields)) node.append(entry);
    else this.#nodes.push(new StreamNode(entry));
    this.length += 1;
    this.entriesAdded += 1;
    this.lastId = id;
  }

  /** Entries from `start` to `end`, both included, at most `count` of them (0: all). */
  range(start: StreamId, end: StreamId, count = 0): StreamEntry[] {
    const found: StreamEntry[] = [];
    for (let n = this.#nodeFrom(start); n < this.#nodes.length; n++) {
      const entries = this.#nodes[n]?.entries ?? [];
      for (let i = indexFrom(entries, start); i < entries.length; i++) {
        const entry = entries[i];
        if (entry === undefined || compareIds(entry, end) > 0) return found;
        found.push(entry);
        if (found.length === count) return found;
      }
    }
    return found;
  }

  /** The same backwards, from `end` down to `start`. */
  reverseRange(start: StreamId, end: StreamId, count = 0): StreamEntry[] {
    const found: StreamEntry[] = [];
    for (let n = this.#nodes.length - 1; n >= 0; n--) {
      const entries = this.#nodes[n]?.entries ?? [];
      for (let i = entries.length - 1; i >= 0; i--) {
        const entry = entries[i];
        if (entry === undefined || compareIds(entry, end) > 0) continue;
        if (compareIds(entry, start) < 0) return found;
        found.push(entry);
        if (found.length === count) return found;
      }
    }
    return found;
  }

  get(id: StreamId): StreamEntry | undefined {
    return this.range(id, id, 1)[0];
  }

  /** Whether there was such an entry. */
  delete(id: StreamId): boolean {
    const n = this.#nodeFrom(id);
    const node = this.#nodes[n];
    if (node === undefined) return false;
    const index = indexFrom(node.entries, id);
    const entry = node.entries[index];
    if (entry === undefined || compareIds(entry, id) !== 0) return false;
    node.entries.splice(index, 1);
    if (node.entries.length === 0) this.#nodes.splice(n, 1);
    this.length -= 1;
    if (compareIds(id, this.greatestDeletedId) > 0) this.greatestDeletedId = id;
    return true;
  }

  /** How many entries went. */
  trim(trim: Trim): number {
    let deleted = 0;
    for (let node = this.#nodes[0]; node !== undefined; node = this.#nodes[0]) {
      if ('maxLength' in trim && this.length <= trim.maxLength) break;
      const count = node.entries.length;
      if (trim.limit > 0 && deleted + count > trim.limit) break;
      const whole =
        'maxLength' in trim ? this.length - count >= trim.maxLength : compareIds(node.last, trim.minId) < 0;
      if (!whole) {
        if (!trim.approximate) deleted += this.#trimWithin(node, trim);
        break;
      }
      this.#nodes.shift();
      this.length -= count;
      deleted += count;
    }
    return deleted;
  }

  /** Whether an entry was deleted from `start` on, so that counting by ids would be wrong. */
  hasGapsFrom(start: StreamId): boolean {
    if (this.length === 0 || compareIds(this.greatestDeletedId, leastId) === 0) return false;
    if (compareIds(this.firstId, this.greatestDeletedId) > 0) return false;
    return compareIds(start, this.greatestDeletedId) <= 0;
  }

  /** How many entries were ever added up to this id; null where that cannot be told. */
  addedUpTo(id: StreamId): number | null {
    if (this.entriesAdded === 0) return 0;
    const toLast = compareIds(id, this.lastId);
    if (this.length === 0 && toLast < 1) return this.entriesAdded;
    if (toLast === 0) return this.entriesAdded;
    if (toLast > 0) return null;
    const gapless =
      compareIds(this.greatestDeletedId, leastId) === 0 ||
      compareIds(this.greatestDeletedId, this.firstId) < 0;
    const toFirst = compareIds(id, this.firstId);
    if (gapless && toFirst < 0) return this.entriesAdded - this.length;
    if (gapless && toFirst === 0) return this.entriesAdded - this.length + 1;
    return null;
  }

  #trimWithin(node: StreamNode, trim: Trim): number {
    const { entries } = node;
    const count =
      'maxLength' in trim ? Math.max(0, this.length - trim.maxLength) : indexFrom(entries, trim.minId);
    entries.splice(0, count);
    this.length -= count;
    return count;
  }

  /** The first node that can hold ids from `id` on. */
  #nodeFrom(id: StreamId): number {
    let low = 0;
    let high = this.#nodes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const node = this.#nodes[middle];
      if (node !== undefined && compareIds(node.last, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The first place in sorted entries whose id is not below this one. */
function indexFrom(entries: readonly StreamEntry[], id: StreamId): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && compareIds(entry, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
