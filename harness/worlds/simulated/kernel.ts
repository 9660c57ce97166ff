import type { WorldClock } from '../../clock.ts';
import { EventHeap, type KernelEvent } from './event-heap.ts';
import { drainDueWork, platform } from './platform.ts';

/**
 * Whose events run: the world's own, a user's, or one instance of the pipeline. Timers belong to the realm
 * that set them; those of a dead realm never fire.
 */
export interface Realm {
  readonly name: string;
  alive: boolean;
}

/** Why `run` came back: the condition was met, nothing was left to do, or a limit was reached. */
export type Outcome = 'met' | 'quiet' | 'out-of-time';

export interface KernelOptions {
  /** Virtual milliseconds after which a play is out of time. */
  readonly timeLimitMs: number;
  /** Events after which a play is out of time. */
  readonly eventLimit: number;
  /** What was thrown out of an event, and in whose realm. A throw in a tick is an `uncaughtException` of the process. */
  onThrown(thrown: unknown, realm: Realm): void;
  /** Forces the slower hop through the event loop after each event; for tests and platforms without the other. */
  readonly hopThroughLoop?: boolean;
}

/**
 * Virtual time: one queue of events, run one at a time. After each event all promise work is let to its end
 * before the next is taken, also work that left the thread (`offThread`). Time is kept in whole microseconds,
 * so that sums of latencies are exact everywhere.
 */
export class Kernel implements WorldClock {
  readonly world: Realm = { name: 'world', alive: true };
  #heap = new EventHeap();
  readonly #options: KernelOptions;
  readonly #drain: (() => void) | null;
  #now = 0;
  #sequence = 0;
  #events = 0;
  #pending = 0;
  #realm: Realm = this.world;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#drain = options.hopThroughLoop === true ? null : drainDueWork;
  }

  now(): number {
    return this.#now / 1000;
  }

  /** The realm of the event that runs now. */
  get realm(): Realm {
    return this.#realm;
  }

  /** How many events have run. */
  get eventCount(): number {
    return this.#events;
  }

  /** In the world's own realm, whoever asks. */
  after(ms: number, run: () => void): () => void {
    const event = this.schedule(ms, run, this.world);
    return () => {
      event.run = null;
    };
  }

  /** Runs `run` in a realm, `ms` from now; events of the same microsecond keep their order. Setting the event's `run` to null undoes it. */
  schedule(ms: number, run: () => void, realm: Realm): KernelEvent {
    const event: KernelEvent = {
      at: this.#now + (ms > 0 ? Math.round(ms * 1000) : 0),
      sequence: this.#sequence++,
      run,
      realm,
    };
    this.#heap.push(event);
    return event;
  }

  /**
   * Goes over to a realm for the rest of the current event: true where that is possible, because the event
   * belongs to it already or to nobody but the world. Otherwise the caller schedules an event of its own.
   */
  enter(realm: Realm): boolean {
    if (this.#realm === realm) return true;
    if (this.#realm !== this.world) return false;
    this.#realm = realm;
    return true;
  }

  /** Nothing is released until this promise has settled: for work that leaves the thread. */
  offThread<T>(promise: Promise<T>): Promise<T> {
    this.#pending++;
    const settled = (): void => {
      this.#pending--;
    };
    promise.then(settled, settled);
    return promise;
  }

  /** Forgets what is still to come. */
  stop(): void {
    this.#heap = new EventHeap();
  }

  /** Runs events until `met` says so (asked after each), none is left, or a limit is reached. */
  run(met: () => boolean): Promise<Outcome> {
    return new Promise((resolve) => {
      const turn = (): void => {
        let outcome: Outcome | null = null;
        try {
          outcome = this.#turn(met);
        } finally {
          // Also when a `nextTick` callback throws: that is left to the platform, which alone can put its
          // own bookkeeping right and report it (`uncaughtException`); the work behind it is still due.
          if (outcome === null) platform.setImmediate(turn);
          else resolve(outcome);
        }
      };
      platform.setImmediate(turn);
    });
  }

  /** One stay outside of promise work; null asks for a hop through the platform's event loop. */
  #turn(met: () => boolean): Outcome | null {
    for (let stay = 0; stay < 4096; stay++) {
      this.#drain?.();
      if (this.#pending > 0) return null;
      if (met()) return 'met';
      const event = this.#next();
      if (event === undefined) return 'quiet';
      this.#events++;
      if (event.at > this.#options.timeLimitMs * 1000 || this.#events > this.#options.eventLimit) {
        return 'out-of-time';
      }
      this.#now = event.at;
      this.#realm = event.realm;
      this.#runOne(event);
      if (this.#drain === null) return null;
    }
    return null;
  }

  #next(): KernelEvent | undefined {
    for (;;) {
      const event = this.#heap.pop();
      if (event === undefined || (event.run !== null && event.realm.alive)) return event;
    }
  }

  #runOne(event: KernelEvent): void {
    const run = event.run;
    event.run = null;
    try {
      run?.();
    } catch (thrown) {
      this.#options.onThrown(thrown, this.#realm);
    }
  }
}
