import { Blocking, type Schedule } from './blocking.ts';
import { commandCount } from './commands/table.ts';
import { Database } from './database.ts';
import { Publications } from './publications.ts';
import { type Client, Session } from './session.ts';
import { databaseCount } from './version.ts';

export interface SimulatedRedisOptions {
  /** Whole milliseconds since the epoch. */
  readonly now: () => number;
  /** For the time-outs of blocking commands: the engine has no timers of its own. */
  readonly schedule: Schedule;
}

/**
 * A Redis 7.0 in memory: the data, the sessions' common state and nothing of time, sockets or dice. Held
 * against a real server by a differential test. Not as there: RESP3, scripts, persistence, replication;
 * commands that are not in the table are unknown; expired keys go when they are next looked at, never in
 * the background; other arithmetic than INCR's loses digits beyond 2^53; floats are not read in hexadecimal.
 */
export class SimulatedRedis {
  readonly blocking: Blocking;
  readonly publications = new Publications();
  readonly commandCount = commandCount;
  /** When the command that runs began, in ms since the epoch. */
  time = 0;
  /** No memory is left (`maxmemory` with `noeviction`): what may need some is refused. */
  full = false;
  /** As a replica is that takes no writes. */
  readOnly = false;
  readonly #now: () => number;
  readonly #databases: readonly Database[];
  #sessions = 0;
  #settling = false;

  constructor(options: SimulatedRedisOptions) {
    this.#now = options.now;
    this.blocking = new Blocking(options.schedule, () => this.settle());
    const events = {
      now: () => this.time,
      ready: (database: Database, key: string) => this.blocking.markReady(database, key),
    };
    this.#databases = Array.from({ length: databaseCount }, (_, index) => new Database(index, events));
  }

  /** A new connection. */
  open(client: Client): Session {
    this.#sessions += 1;
    return new Session(this, this.#sessions, client);
  }

  /** Throws a RangeError where there is no such database. */
  database(index: number): Database {
    const database = this.#databases[index];
    if (database === undefined) throw new RangeError(`There is no database ${index}.`);
    return database;
  }

  databases(): readonly Database[] {
    return this.#databases;
  }

  /** Whether anything is refused that a healthy server would do. */
  get isAiling(): boolean {
    return this.full || this.readOnly;
  }

  /** Everything is gone, as after a restart without data. */
  lose(): void {
    for (const database of this.#databases) database.clear();
  }

  /** The clock stands still during a command. */
  begin(): void {
    this.time = this.#now();
  }

  /** Lets sessions whose wait is over take up what their clients sent meanwhile. */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    for (let ready = this.blocking.takeUnblocked(); ready.length > 0; ready = this.blocking.takeUnblocked()) {
      for (const session of ready) session.resumed();
    }
    this.#settling = false;
  }

  /** Deletes all keys that have expired. */
  sweep(): void {
    this.begin();
    for (const database of this.#databases) database.sweep();
  }
}
