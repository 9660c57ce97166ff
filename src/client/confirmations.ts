import type { Cancel, Clock } from '../ports.ts';

export interface ConfirmationsOptions {
  readonly clock: Clock;
  /** Milliseconds for which confirmations are kept back to go together. */
  readonly afterMs: number;
  /** So many events of one run are confirmed without waiting for the others. */
  readonly afterEvents: number;
  /** False where there is no connection to send on. */
  send(run: string, sequence: number): boolean;
}

/**
 * Says what the application has taken: cumulative, so that one number stands for all before it. The end of a
 * run is confirmed at once. The server does not answer to confirmations, so one that was sent shortly before
 * its connection broke is sent again on the next.
 */
export class Confirmations {
  readonly #options: ConfirmationsOptions;
  readonly #standings = new Map<string, Standing>();
  #due: Cancel | null = null;
  #refusals = 0;

  constructor(options: ConfirmationsOptions) {
    this.#options = options;
  }

  /** The application has taken everything up to `sequence`; `end`: that was the whole run. */
  took(run: string, sequence: number, end: boolean): void {
    let standing = this.#standings.get(run);
    if (standing === undefined) {
      standing = { taken: 0, sent: 0, sentAt: 0, ended: false };
      this.#standings.set(run, standing);
    }
    if (sequence <= standing.taken && !end) return;
    standing.taken = sequence;
    standing.ended ||= end;
    if (end || sequence - standing.sent >= this.#options.afterEvents) this.#send(run, standing);
    else this.#schedule(this.#options.afterMs);
    if (end) this.#forget();
  }

  /** Nothing more comes of this run: it need not be remembered when others follow it. */
  left(run: string): void {
    const standing = this.#standings.get(run);
    if (standing !== undefined) standing.ended = true;
  }

  /** On a new connection. `uncertainMs`: for so long the one before may have been dead unnoticed. */
  connected(uncertainMs: number): void {
    this.#refusals = 0;
    this.#doubt(uncertainMs);
    this.flush();
  }

  /** The server refused a message that may have been a confirmation. */
  refused(): void {
    if (this.#refusals >= refusalsMost || !this.#doubt(refusalMs)) return;
    this.#due?.();
    this.#due = null;
    this.#schedule(refusalMs * 2 ** this.#refusals);
    this.#refusals += 1;
  }

  /** Sends what is due now. */
  flush(): void {
    this.stop();
    for (const [run, standing] of this.#standings) this.#send(run, standing);
    this.#forget();
  }

  stop(): void {
    this.#due?.();
    this.#due = null;
  }

  #send(run: string, standing: Standing): void {
    if (standing.sent >= standing.taken || !this.#options.send(run, standing.taken)) return;
    standing.sent = standing.taken;
    standing.sentAt = this.#options.clock.now();
  }

  #schedule(ms: number): void {
    this.#due ??= this.#options.clock.after(ms, () => this.flush());
  }

  /** What was sent within the last `ms` may not have arrived; false where there is nothing of that kind. */
  #doubt(ms: number): boolean {
    const since = this.#options.clock.now() - ms;
    const doubtful = [...this.#standings.values()].filter(({ sent, sentAt }) => sent > 0 && sentAt >= since);
    for (const standing of doubtful) standing.sent = 0;
    return doubtful.length > 0;
  }

  /** Runs that are over take no room once others have followed them. */
  #forget(): void {
    let over = this.#standings.size - keptMost;
    if (over <= 0) return;
    for (const [run, { ended, sent, taken }] of this.#standings) {
      if (!ended || sent < taken) continue;
      this.#standings.delete(run);
      if (--over <= 0) return;
    }
  }
}

interface Standing {
  taken: number;
  /** What was sent, and is taken to have arrived. */
  sent: number;
  sentAt: number;
  ended: boolean;
}

const refusalsMost = 5;
const refusalMs = 1_000;
/** Runs that are remembered beside those that go on. */
const keptMost = 64;
