import { type EventDraft, type EventInMaking, Recorder } from '../../history.ts';

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

  override append(event: EventInMaking): number {
    if (!isIdle(event)) this.#lastAt = this.#clock();
    return super.append(event);
  }
}

/** `redis>-/-/ping#3`, `client<alice/-/pong#1`: messages of no run; nor does a line of a log make anything happen. */
function isIdle({ type, message }: EventDraft): boolean {
  if (type === 'logged') return true;
  return type === 'passed' && (message === undefined || message.includes('/-/'));
}
