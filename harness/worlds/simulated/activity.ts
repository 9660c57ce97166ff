import { type EventDraft, Recorder } from '../../history.ts';

/** A recorder that knows when something last happened in a run: what idles (heartbeats, health checks) has none. */
export class ActivityRecorder extends Recorder {
  readonly #clock: () => number;
  #lastAt = 0;

  constructor(now: () => number) {
    super(now);
    this.#clock = now;
  }

  /** Milliseconds since the case began. */
  get lastActivityAt(): number {
    return this.#lastAt;
  }

  override record(draft: EventDraft): number {
    if (!isIdle(draft)) this.#lastAt = this.#clock();
    return super.record(draft);
  }
}

/** `redis>-/-/ping#3`, `client<alice/-/pong#1`: messages of no run; nor does a line of a log make anything happen. */
function isIdle({ type, message }: EventDraft): boolean {
  if (type === 'logged') return true;
  return type === 'passed' && (message === undefined || message.includes('/-/'));
}
