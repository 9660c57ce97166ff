import type { RunEventType } from '../messages.ts';

/** An event that has its number and is not durable yet. */
export interface NewEvent {
  readonly sequence: number;
  readonly type: RunEventType;
  readonly text: string;
}

/** `with-next`: another event follows in the same tick, and the two become durable in one command. */
export type Pace = 'at-once' | 'with-next';

interface Waiting {
  readonly event: NewEvent;
  pace: Pace;
  resolve(): void;
  reject(thrown: unknown): void;
}

/** What is appended in one command. */
type Group = readonly [Waiting, ...Waiting[]];

/**
 * The events of one run on their way into its log, in order and one command at a time. What goes together is
 * decided by who emits, never by how long a command takes: so a run has the same commands wherever it runs.
 */
export class EventQueue {
  readonly #append: (events: readonly [NewEvent, ...NewEvent[]]) => Promise<void>;
  readonly #atMost: number;
  readonly #waiting: Waiting[] = [];
  #work: Promise<void> | null = null;

  /** `append`: takes at most `atMost` events, and rejects for all of them or for none. */
  constructor(append: (events: readonly [NewEvent, ...NewEvent[]]) => Promise<void>, atMost: number) {
    this.#append = append;
    this.#atMost = atMost;
  }

  /** Settles as the append does that takes the event. */
  add(event: NewEvent, pace: Pace): Promise<void> {
    if (pace === 'at-once' && this.#work === null && this.#waiting.length === 0) return this.#alone(event);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { event, pace, resolve, reject };
      this.#waiting.push(waiting);
      if (pace === 'at-once') this.#start();
      else process.nextTick(() => this.#waitNoLonger(waiting));
    });
  }

  /** Resolves when what is under way has been appended, or refused. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** Most events come when nothing waits: for them there is nothing to keep. */
  #alone(event: NewEvent): Promise<void> {
    const appended = this.#append([event]);
    this.#work = appended.then(this.#goOn, this.#goOn);
    return appended;
  }

  readonly #goOn = (): Promise<void> | void => {
    this.#work = null;
    this.#start();
    return this.#work ?? undefined;
  };

  /** Nothing followed. */
  #waitNoLonger(waiting: Waiting): void {
    waiting.pace = 'at-once';
    this.#start();
  }

  #start(): void {
    if (this.#work !== null) return;
    const group = this.#next();
    if (group !== null) this.#work = this.#empty(group);
  }

  async #empty(due: Group): Promise<void> {
    for (let group: Group | null = due; group !== null; group = this.#next()) {
      const [first, ...others] = group;
      try {
        await this.#append([first.event, ...others.map(({ event }) => event)]);
        for (const { resolve } of group) resolve();
      } catch (thrown) {
        for (const { reject } of group) reject(thrown);
      }
    }
    this.#work = null;
  }

  /** Null where none is complete. */
  #next(): Group | null {
    const last = this.#waiting.findIndex(({ pace }) => pace === 'at-once');
    if (last < 0) return null;
    const [first, ...others] = this.#waiting.splice(0, Math.min(last + 1, this.#atMost));
    return first === undefined ? null : [first, ...others];
  }
}
