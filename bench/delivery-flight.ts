import { performance } from 'node:perf_hooks';

/** What a client asks a server of the bench to produce. */
export interface Work {
  readonly count: number;
  /** Events that may be unacknowledged at once; absent: production waits for nobody. */
  readonly window?: number;
  /** Milliseconds between two events. */
  readonly everyMs?: number;
  /** A whole run: a GET before the events and a SET after the last acknowledgement. */
  readonly whole?: boolean;
}

/** What an event carries, beside its number. */
export const reasoning = 'The monthly costs rose by a third, and most of that is one model. '.repeat(3);

/** The events of one run that were sent and not acknowledged: bounds them, and takes the time of each. */
export class Flight {
  readonly #window: number;
  readonly #latencies: number[];
  readonly #began = new Map<number, number>();
  #settledUpTo = 0;
  #waiting: (() => void) | null = null;
  #roomFor = 0;

  /** `latencies` takes the milliseconds from each event's beginning to its acknowledgement. */
  constructor(window: number | undefined, latencies: number[]) {
    this.#window = window ?? Number.POSITIVE_INFINITY;
    this.#latencies = latencies;
  }

  /** Resolves when one more may be under way. */
  room(): Promise<void> | undefined {
    return this.#until(this.#window - 1);
  }

  /** Resolves when every event was acknowledged. */
  empty(): Promise<void> | undefined {
    return this.#until(0);
  }

  begin(number: number): void {
    this.#began.set(number, performance.now());
  }

  settle(number: number): void {
    const began = this.#began.get(number);
    if (began === undefined) return;
    this.#began.delete(number);
    this.#latencies.push(performance.now() - began);
    if (this.#waiting === null || this.#began.size > this.#roomFor) return;
    this.#waiting();
    this.#waiting = null;
  }

  /** Everything up to this number, as a cumulative confirmation says. */
  settleUpTo(number: number): void {
    while (this.#settledUpTo < number) this.settle(++this.#settledUpTo);
  }

  #until(most: number): Promise<void> | undefined {
    if (this.#began.size <= most) return undefined;
    this.#roomFor = most;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

/** Resolves when the event with this number is due, for work that is spread over time. */
export function due({ everyMs }: Work, started: number, number: number): Promise<void> | undefined {
  if (everyMs === undefined) return undefined;
  const waitMs = started + number * everyMs - performance.now();
  return waitMs <= 0 ? undefined : new Promise((resolve) => setTimeout(resolve, waitMs));
}
