import type { Database } from './database.ts';
import type { Session } from './session.ts';
import type { Wait, WaitRequest } from './wait.ts';

/** Runs `run` at that time (ms since the epoch); the function it returns undoes it. */
export type Schedule = (atMs: number, run: () => void) => () => void;

/** Sessions that wait: served in the order in which they began to wait, once the command that helps them is done. */
export class Blocking {
  readonly #schedule: Schedule;
  /** A wait ended without a command of anybody's. */
  readonly #timedOut: () => void;
  readonly #waiting = new Map<Session, Wait>();
  #ready = new Map<Database, Set<string>>();
  #unblocked: Session[] = [];

  constructor(schedule: Schedule, timedOut: () => void) {
    this.#schedule = schedule;
    this.#timedOut = timedOut;
  }

  isWaiting(session: Session): boolean {
    return this.#waiting.has(session);
  }

  begin(session: Session, database: Database, request: WaitRequest): void {
    const cancelTimer =
      request.until === 0
        ? () => undefined
        : this.#schedule(request.until, () => this.#expire(session, wait));
    const wait: Wait = {
      kind: request.kind,
      keys: [...new Set(request.keys)],
      until: request.until,
      timedOut: request.timedOut,
      serve: request.serve,
      session,
      database,
      cancelTimer,
    };
    this.#waiting.set(session, wait);
    for (const key of wait.keys) {
      const waits = database.waits.get(key);
      if (waits === undefined) database.waits.set(key, new Set([wait]));
      else waits.add(wait);
    }
  }

  /** The session waits no more. */
  end(session: Session): void {
    const wait = this.#waiting.get(session);
    if (wait === undefined) return;
    wait.cancelTimer();
    this.#waiting.delete(session);
    for (const key of wait.keys) {
      const waits = wait.database.waits.get(key);
      waits?.delete(wait);
      if (waits?.size === 0) wait.database.waits.delete(key);
    }
  }

  markReady(database: Database, key: string): void {
    if (this.#waiting.size === 0 || !database.waits.has(key)) return;
    const keys = this.#ready.get(database);
    if (keys === undefined) this.#ready.set(database, new Set([key]));
    else keys.add(key);
  }

  /** Serves those who wait for keys that became ready. */
  serve(): void {
    while (this.#ready.size > 0) {
      const ready = this.#ready;
      this.#ready = new Map();
      for (const [database, keys] of ready) {
        for (const key of keys) this.#serveKey(database, key);
      }
    }
  }

  /** Sessions whose wait ended since this was last asked, in order. */
  takeUnblocked(): readonly Session[] {
    if (this.#unblocked.length === 0) return none;
    const unblocked = this.#unblocked;
    this.#unblocked = [];
    return unblocked;
  }

  #serveKey(database: Database, key: string): void {
    for (const wait of [...(database.waits.get(key) ?? [])]) {
      const reply = wait.serve(key, database.get(key));
      if (reply !== null) this.#answer(wait, reply);
    }
  }

  #expire(session: Session, wait: Wait): void {
    if (this.#waiting.get(session) !== wait) return;
    this.#answer(wait, wait.timedOut);
    this.#timedOut();
  }

  #answer(wait: Wait, reply: string): void {
    this.end(wait.session);
    this.#unblocked.push(wait.session);
    wait.session.deliver(reply);
  }
}

const none: readonly Session[] = [];
