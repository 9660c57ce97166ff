import type { RunAnswer, RunEvent, RunEventType, ServerNotice } from '../messages.ts';

/** An event of a run; `type` says which payload it carries. */
export type AnyRunEvent = { [T in RunEventType]: RunEvent<T> }[RunEventType];

/** In the place of events that are gone: those after `after` and before `available_from`. */
export type EventsLost = Extract<ServerNotice, { type: 'events_lost' }>;

/** One request and what comes of it, over however many connections. */
export interface Run extends AsyncIterable<AnyRunEvent | EventsLost, undefined, undefined> {
  readonly id: string;
  /**
   * The answer, once every event before it came or is known to be lost. Rejects with a ClientError: the
   * code of `run_failed` or of the server's refusal (then with `runId`), or what became of the connection.
   * Whoever reads this without iterating takes all events by it: they are confirmed as they come.
   */
  readonly answer: Promise<RunAnswer>;
  /** The server took the request. */
  readonly accepted: boolean;
  /** Every event up to this number came; where to resume from. */
  readonly received: number;
  /** What was lost for good so far. */
  readonly lost: readonly EventsLost[];
  /**
   * The events in order, each once; lost ones are told in their place. Asking for the next says that the one
   * before was taken: only then is it confirmed. The loop ends after the run's last event, and throws the
   * ClientError where there is none. Leaving it early lets the run go.
   */
  [Symbol.asyncIterator](): AsyncIterator<AnyRunEvent | EventsLost, undefined, undefined>;
}
