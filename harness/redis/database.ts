import { wrongType } from './refusal.ts';
import type { Value, ValueType } from './value.ts';
import type { Wait } from './wait.ts';

/** Someone who wants to know whether a key changes until EXEC. */
export interface Watcher {
  /** A watched key changed. */
  dirtied(): void;
}

export interface DatabaseEvents {
  /** Milliseconds since the epoch, the same during one command. */
  now(): number;
  /** A key got a value of a type that sessions can wait for, or lost it. */
  ready(database: Database, key: string): void;
}

interface Watch {
  readonly watcher: Watcher;
  /** The key had expired, and was not deleted yet, when the watch began. */
  expired: boolean;
}

/** The keys of one database. Keys whose time is over are deleted when they are next looked at. */
export class Database {
  readonly index: number;
  /** Sessions that wait for a key, the longest first. */
  readonly waits = new Map<string, Set<Wait>>();
  readonly #events: DatabaseEvents;
  readonly #values = new Map<string, Value>();
  readonly #expiries = new Map<string, number>();
  /** In which order keys were made. */
  readonly #places = new Map<string, number>();
  #made = 0;
  readonly #watches = new Map<string, Map<Watcher, Watch>>();

  constructor(index: number, events: DatabaseEvents) {
    this.index = index;
    this.#events = events;
  }

  get size(): number {
    return this.#values.size;
  }

  get expiring(): number {
    return this.#expiries.size;
  }

  get(key: string): Value | undefined {
    if (this.#expiries.size > 0 && this.isExpired(key)) {
      this.remove(key);
      this.changed(key);
      return undefined;
    }
    return this.#values.get(key);
  }

  /** The value under a key if it is of this type. Throws WRONGTYPE where it is of another. */
  typed<T extends ValueType>(key: string, type: T): Extract<Value, { type: T }> | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (value.type !== type) throw wrongType();
    return value as Extract<Value, { type: T }>;
  }

  /** Puts a value under a key; one that lay there keeps its expiry. */
  put(key: string, value: Value): void {
    const old = this.#values.get(key);
    this.#values.set(key, value);
    if (old === undefined) this.#places.set(key, ++this.#made);
    const type = old?.type === 'stream' ? 'stream' : old === undefined ? value.type : 'string';
    if (type === 'list' || type === 'zset' || type === 'stream') this.#events.ready(this, key);
  }

  /** Whether there was such a key. */
  remove(key: string): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#expiries.delete(key);
    this.#places.delete(key);
    this.#values.delete(key);
    if (value.type === 'stream') this.#events.ready(this, key);
    return true;
  }

  /** All keys that have not expired, oldest first. */
  keys(): string[] {
    const keys = [...this.#values.keys()];
    return this.#expiries.size === 0 ? keys : keys.filter((key) => !this.isExpired(key));
  }

  /**
   * At most `count` keys of those made after the one with this place, expired ones included, and the place of
   * the last of them; 0 where none follows. A key that stays is met however many others come and go.
   */
  keysAfter(place: number, count: number): { readonly keys: readonly string[]; readonly place: number } {
    const keys: string[] = [];
    let last = 0;
    for (const [key, its] of this.#places) {
      if (its <= place) continue;
      if (keys.length === count) return { keys, place: last };
      keys.push(key);
      last = its;
    }
    return { keys, place: 0 };
  }

  /** Deletes what has expired. */
  sweep(): void {
    for (const key of [...this.#expiries.keys()]) this.get(key);
  }

  clear(): void {
    for (const key of this.waits.keys()) {
      if (this.#values.get(key)?.type === 'stream') this.#events.ready(this, key);
    }
    for (const [key, watches] of this.#watches) {
      if (!this.#values.has(key)) continue;
      for (const watch of watches.values()) {
        if (watch.expired) watch.expired = false;
        else watch.watcher.dirtied();
      }
    }
    this.#values.clear();
    this.#places.clear();
    this.#expiries.clear();
  }

  /** When a key expires, in ms since the epoch; null: never. */
  expiry(key: string): number | null {
    return this.#expiries.get(key) ?? null;
  }

  setExpiry(key: string, atMs: number): void {
    this.#expiries.set(key, atMs);
  }

  /** Whether it had an expiry. */
  clearExpiry(key: string): boolean {
    return this.#expiries.delete(key);
  }

  isExpired(key: string): boolean {
    const at = this.#expiries.get(key);
    return at !== undefined && this.#events.now() > at;
  }

  /** Tells those who watch a key. */
  changed(key: string): void {
    if (this.#watches.size === 0) return;
    const watches = this.#watches.get(key);
    if (watches === undefined) return;
    for (const watch of [...watches.values()]) {
      if (!watch.expired) {
        watch.watcher.dirtied();
      } else if (this.#values.has(key)) {
        return;
      } else {
        watch.expired = false;
      }
    }
  }

  watch(key: string, watcher: Watcher): void {
    let watches = this.#watches.get(key);
    if (watches === undefined) {
      watches = new Map();
      this.#watches.set(key, watches);
    }
    if (!watches.has(watcher)) watches.set(watcher, { watcher, expired: this.isExpired(key) });
  }

  unwatch(key: string, watcher: Watcher): void {
    const watches = this.#watches.get(key);
    watches?.delete(watcher);
    if (watches?.size === 0) this.#watches.delete(key);
  }

  /** Whether a key has expired since this watcher began to watch it. */
  expiredSinceWatch(key: string, watcher: Watcher): boolean {
    return this.#watches.get(key)?.get(watcher)?.expired === false && this.isExpired(key);
  }
}
