import type { History } from '../../history.ts';
import { type JsonObject, objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** One event of a run, as a user saw it or as the run's log holds it. */
export interface RunFrame {
  /** `seq` of the history's event. */
  readonly seq: number;
  readonly at: number;
  readonly user: string;
  /** Undefined for what lies in the log. */
  readonly connection: string | undefined;
  readonly type: string;
  readonly run: string;
  readonly sequence: number;
  readonly agent: string;
  readonly payload: JsonObject;
  readonly frame: JsonObject;
}

/** A message to a user that is no event of a run: it carries no sequence number. */
export interface Notice {
  readonly seq: number;
  readonly at: number;
  readonly user: string;
  readonly connection: string;
  readonly type: string;
  readonly run: string | undefined;
  readonly frame: JsonObject;
}

/** What came to a user and can be read as neither. */
export interface Unreadable {
  readonly seq: number;
  readonly user: string;
  readonly why: string;
}

export interface Frames {
  /** In the order in which they were seen. */
  readonly seen: readonly RunFrame[];
  /** In the order of the log. */
  readonly logged: readonly RunFrame[];
  readonly notices: readonly Notice[];
  readonly unreadable: readonly Unreadable[];
}

/** The events of runs that end one. */
export function endsRun(frame: RunFrame): boolean {
  return frame.type === 'run_completed' || frame.type === 'run_failed';
}

/** What users saw and what the logs of runs hold. */
export const framesOf = once(readFrames);

function readFrames(history: History): Frames {
  const seen: RunFrame[] = [];
  const logged: RunFrame[] = [];
  const notices: Notice[] = [];
  const unreadable: Unreadable[] = [];
  for (const event of history.events) {
    if (event.type === 'seen') {
      const { seq, at, user, connection } = event;
      const frame = objectOf(event.frame);
      const read = frame === undefined ? undefined : runFrame(frame, seq, at, user, connection);
      if (read !== undefined) {
        seen.push(read);
        continue;
      }
      const type = textOf(frame, 'type');
      if (frame === undefined || type === undefined)
        unreadable.push({ seq, user, why: event.text === undefined ? 'has no type' : 'is not JSON' });
      else if (frame.sequence !== undefined)
        unreadable.push({ seq, user, why: `of type ${type} lacks run, sequence number, agent or payload` });
      else notices.push({ seq, at, user, connection, type, run: textOf(frame, 'run_id'), frame });
    } else if (event.type === 'stored' && event.road === 'events' && event.user !== undefined) {
      const frame = objectOf(event.json);
      const read =
        frame === undefined ? undefined : runFrame(frame, event.seq, event.at, event.user, undefined);
      if (read !== undefined) logged.push(read);
    }
  }
  return { seen, logged, notices, unreadable };
}

function runFrame(
  frame: JsonObject,
  seq: number,
  at: number,
  user: string,
  connection: string | undefined,
): RunFrame | undefined {
  const { type, run_id: run, sequence, agent_name: agent } = frame;
  const payload = objectOf(frame.payload);
  if (typeof type !== 'string' || typeof run !== 'string' || typeof sequence !== 'number') return undefined;
  if (typeof agent !== 'string' || payload === undefined) return undefined;
  return { seq, at, user, connection, type, run, sequence, agent, payload, frame };
}
