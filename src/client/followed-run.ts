import type { RunAnswer } from '../messages.ts';
import { ClientError, errorFromServer } from './client-error.ts';
import type { AnyRunEvent, EventsLost, Run } from './run.ts';

export interface FollowedRunOptions {
  readonly id: string;
  /** What to send to start it; absent for a run that is resumed. */
  readonly start?: { readonly threadId: string; readonly request: string };
  /** The last event that the application has already. */
  readonly after: number;
  /** Events that may wait for the application. */
  readonly keptMost: number;
  /** The application took everything up to this number; `end`: that was all. */
  took(run: FollowedRun, sequence: number, end: boolean): void;
  /** There is room again for what had to be dropped. */
  roomAgain(run: FollowedRun): void;
  /** Nothing more is wanted from the server. */
  over(run: FollowedRun): void;
}

type Item = AnyRunEvent | EventsLost;

interface Settling<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/**
 * A run as the client follows it: puts its events in order, drops those that came before, keeps what the
 * application has not taken yet. There is room for so many; the rest is dropped, unconfirmed, and asked for
 * again from the server's log when the application has caught up.
 */
export class FollowedRun implements Run {
  readonly id: string;
  readonly lost: EventsLost[] = [];
  accepted: boolean;
  /** A `start_agent` or `resume` is on its way, and nothing of the run came since. */
  asking = false;
  /** How often that was sent again on this connection. */
  askedAgain = 0;
  /** The place of the gap that is being answered. */
  gapMinded = -1;

  readonly #options: FollowedRunOptions;
  readonly #kept = new Map<number, AnyRunEvent>();
  readonly #waiting: Settling<IteratorResult<Item, undefined>>[] = [];
  /** Who gets the events: nobody yet, a loop, whoever wants the answer alone, nobody any more. */
  #reader: 'none' | 'loop' | 'answer' | 'left' = 'none';
  /** Losses that the loop was not told of yet. */
  #untold = 0;
  /** All up to here came or is lost. */
  #upTo: number;
  #newest: number;
  #handed: number;
  /** All before this is gone where it is not here. */
  #goneBefore = 0;
  /** Nothing beyond is confirmed: the server did not own up to a gap there. */
  #confirmMost = Number.POSITIVE_INFINITY;
  #dropped = false;
  #end: 'run_completed' | 'run_failed' | null = null;
  #outcome: { readonly answer: RunAnswer } | { readonly error: unknown } | null = null;
  #failure: { readonly error: unknown } | null = null;
  #answer: Promise<RunAnswer> | null = null;
  #settle: Settling<RunAnswer> | null = null;

  constructor(options: FollowedRunOptions) {
    this.#options = options;
    this.id = options.id;
    this.accepted = options.start === undefined;
    this.#upTo = options.after;
    this.#newest = options.after;
    this.#handed = options.after;
  }

  get start(): FollowedRunOptions['start'] {
    return this.#options.start;
  }

  get received(): number {
    return this.#upTo;
  }

  /** An event is missing before one that came, though nothing had to be dropped for want of room. */
  get hasGap(): boolean {
    if (this.#newest <= this.#upTo || this.isOver) return false;
    return !this.#dropped || this.#handed === this.#upTo;
  }

  /** It has ended, or failed, or nobody wants it. */
  get isOver(): boolean {
    return this.#outcome !== null;
  }

  get answer(): Promise<RunAnswer> {
    if (this.#answer === null) {
      this.#answer = new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
      });
      // A loop over the events throws the same: who reads them there need not wait for this as well.
      this.#answer.catch(() => {});
      this.#settleAnswer();
      if (this.#reader === 'none') {
        this.#reader = 'answer';
        this.#pass();
      }
    }
    return this.#answer;
  }

  [Symbol.asyncIterator](): AsyncIterator<Item, undefined, undefined> {
    if (this.#reader === 'answer' && this.#handed > this.#options.after)
      throw new TypeError('The events were taken for `answer`: begin to iterate before reading it.');
    if (this.#reader !== 'left') this.#reader = 'loop';
    return { next: () => this.#next(), return: () => this.#leave() };
  }

  /** An event came from the server. */
  receive(event: AnyRunEvent): void {
    const { sequence } = event;
    this.accepted = true;
    this.asking = false;
    if (sequence > this.#newest) this.#newest = sequence;
    if (this.isOver || sequence <= this.#upTo || this.#kept.has(sequence)) return;
    const isNext = sequence === this.#upTo + 1 && this.#upTo === this.#handed;
    if (!isNext && this.#kept.size >= this.#options.keptMost) {
      this.#dropped = true;
      return;
    }
    this.#kept.set(sequence, event);
    this.#advance();
  }

  /** The server says that what is before this number is gone. */
  goneBefore(sequence: number): void {
    if (sequence <= this.#goneBefore || this.isOver) return;
    this.asking = false;
    this.#goneBefore = sequence;
    this.#newest = Math.max(this.#newest, sequence - 1);
    this.#advance();
  }

  /** What is missing was asked for in every way, and the server says nothing: it is lost, and so is told. */
  giveUpGap(): void {
    this.#confirmMost = Math.min(this.#confirmMost, this.#upTo);
    this.goneBefore(this.#firstBeyond() ?? this.#newest + 1);
  }

  /** The run comes to nothing, as far as this client knows. */
  fail(error: unknown): void {
    if (this.isOver) return;
    this.#failure = { error };
    this.#finish({ error });
  }

  #advance(): void {
    while (!this.isOver) {
      const next = this.#kept.get(this.#upTo + 1);
      if (next !== undefined) {
        this.#upTo += 1;
        if (next.type === 'run_completed' || next.type === 'run_failed') {
          this.#end = next.type;
          this.#finish(
            next.type === 'run_completed'
              ? { answer: next.payload }
              : { error: errorFromServer({ ...next.payload }, this.id) },
          );
        }
      } else if (this.#upTo + 1 < this.#goneBefore) {
        this.#lose(Math.min(this.#goneBefore, this.#firstBeyond() ?? Number.POSITIVE_INFINITY));
      } else {
        break;
      }
    }
    this.#pass();
  }

  #lose(availableFrom: number): void {
    this.lost.push({
      type: 'events_lost',
      run_id: this.id,
      after: this.#upTo,
      available_from: availableFrom,
    });
    this.#upTo = availableFrom - 1;
  }

  #firstBeyond(): number | undefined {
    let first: number | undefined;
    for (const sequence of this.#kept.keys())
      if (sequence > this.#upTo && (first === undefined || sequence < first)) first = sequence;
    return first;
  }

  #finish(outcome: { readonly answer: RunAnswer } | { readonly error: unknown }): void {
    this.#outcome = outcome;
    this.#options.over(this);
    this.#settleAnswer();
    if (this.#failure !== null) this.#pass();
  }

  #settleAnswer(): void {
    if (this.#outcome === null || this.#settle === null) return;
    if ('answer' in this.#outcome) this.#settle.resolve(this.#outcome.answer);
    else this.#settle.reject(this.#outcome.error);
  }

  /** Hands on what is there, to whoever wants it. */
  #pass(): void {
    if (this.#reader === 'loop') {
      while (this.#waiting.length > 0) {
        const result = this.#result();
        if (result === null) return;
        const waiting = this.#waiting.shift();
        if ('error' in result) waiting?.reject(result.error);
        else waiting?.resolve(result);
      }
    } else if (this.#reader !== 'none') {
      for (let sequence = this.#handed + 1; sequence <= this.#upTo; sequence++) this.#kept.delete(sequence);
      this.#handed = this.#upTo;
      this.#makeRoom();
      if (this.#reader === 'answer') this.#tookHanded();
    }
  }

  #next(): Promise<IteratorResult<Item, undefined>> {
    this.#tookHanded();
    const result = this.#result();
    if (result === null) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return 'error' in result ? Promise.reject(result.error) : Promise.resolve(result);
  }

  /** The next item, the end, or the error in its place; null where it is to be waited for. */
  #result(): IteratorResult<Item, undefined> | { readonly error: unknown } | null {
    if (this.#reader === 'left') return done;
    const loss = this.lost[this.#untold];
    if (loss?.after === this.#handed) {
      this.#untold += 1;
      this.#handed = loss.available_from - 1;
      return { done: false, value: loss };
    }
    const event = this.#handed < this.#upTo ? this.#kept.get(this.#handed + 1) : undefined;
    if (event !== undefined) {
      this.#handed += 1;
      this.#kept.delete(this.#handed);
      this.#makeRoom();
      return { done: false, value: event };
    }
    if (this.#end !== null) return done;
    if (this.#failure === null) return null;
    const { error } = this.#failure;
    // Told once; after that the loop is over.
    this.#reader = 'left';
    return { error };
  }

  #makeRoom(): void {
    if (!this.#dropped || this.isOver || this.#kept.size > this.#options.keptMost / 2) return;
    this.#dropped = false;
    this.#options.roomAgain(this);
  }

  #tookHanded(): void {
    const sequence = Math.min(this.#handed, this.#confirmMost);
    if (sequence > this.#options.after)
      this.#options.took(this, sequence, this.#end !== null && this.#handed === this.#upTo);
  }

  #leave(): Promise<IteratorResult<Item, undefined>> {
    if (this.#reader === 'loop') {
      this.#reader = 'left';
      for (const waiting of this.#waiting.splice(0)) waiting.resolve(done);
      this.#kept.clear();
      this.#handed = this.#upTo;
      if (this.#answer === null) this.fail(new ClientError('RUN_LEFT'));
    }
    return Promise.resolve(done);
  }
}

const done = { done: true, value: undefined } as const;
