/** What a user knows of one of its runs. */
export class RunWatch {
  readonly run: string;
  readonly thread: string;
  readonly request: string;
  /** The server took it: `run_accepted` or any event came. */
  accepted = false;
  ended = false;
  /** Every event up to here came. */
  contiguous = 0;
  /** The last event that came, gaps or not. */
  newest = 0;
  /** The place of the gap that is being waited for. */
  mindedGap = -1;
  /** What is missing was asked for again and did not come. */
  gaveUpGap = false;
  /** The last event that was seen, by the number of its entry in the history. */
  lastSeen = 0;
  /** A confirmation of what came is due soon. */
  confirming = false;
  /** What was confirmed last, and on which connection. */
  confirmed = 0;
  confirmedOn: object | null = null;
  /** Called when something changed that somebody may wait for. */
  changed: () => void = () => {};

  /** Events that came beyond a gap. */
  readonly #beyond = new Set<number>();

  constructor(ask: { readonly run: string; readonly thread: string; readonly request: string }) {
    this.run = ask.run;
    this.thread = ask.thread;
    this.request = ask.request;
  }

  /** Whether an event is missing before one that came. */
  get hasGap(): boolean {
    return this.newest > this.contiguous;
  }

  /** Ended, and nothing before the end is missing. */
  get complete(): boolean {
    return this.ended && !this.hasGap;
  }

  /** An event came. */
  saw(sequence: number): void {
    this.accepted = true;
    this.newest = Math.max(this.newest, sequence);
    if (sequence > this.contiguous) this.#beyond.add(sequence);
    while (this.#beyond.delete(this.contiguous + 1)) this.contiguous += 1;
  }

  /** The server says that all before `sequence` is gone. */
  lostBefore(sequence: number): void {
    this.contiguous = Math.max(this.contiguous, sequence - 1);
    this.newest = Math.max(this.newest, this.contiguous);
    while (this.#beyond.delete(this.contiguous + 1)) this.contiguous += 1;
  }
}
