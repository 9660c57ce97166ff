import type { EventOf, History, Json } from '../../history.ts';
import { endsRun, type RunFrame } from './frames.ts';
import { fieldOf, objectOf } from './json-shapes.ts';
import { once } from './once.ts';
import { type RunStory, runStoriesOf } from './run-stories.ts';

/**
 * All of a run that must not depend on who else is there. What is left out differs from play to play, or is no
 * matter of the run's: times and durations, ids that a gateway makes anew (of connections, correlations, gateways),
 * notices outside the run's log (signs of life come by the clock), confirmations and how far they came, and in
 * which order things of different runs happened.
 */
export interface ObservableRun {
  readonly story: RunStory;
  readonly start: EventOf<'sent'> | undefined;
  readonly end: RunFrame | undefined;
  /** By place, in the order in which they are met: `event 3`, `prompt of data 1`, `call of fetch_usage_metrics 1`, `state`. */
  readonly parts: ReadonlyMap<string, Part>;
}

export interface Part {
  readonly value: Json;
  readonly seq: number;
  /** The same for all of a kind: `event/agent_started/data`. */
  readonly place: string;
}

/** By user and run, as `alice run-1`. */
export const observableRunsOf = once((history: History): ReadonlyMap<string, ObservableRun> => {
  const runs = new Map<string, ObservableRun & { readonly parts: Map<string, Part> }>();
  for (const story of runStoriesOf(history)) {
    const frames = framesIn(story);
    const parts = new Map(frames.map((frame) => [`event ${frame.sequence}`, partOf(frame)]));
    const end = frames.find(endsRun);
    runs.set(`${story.user} ${story.run}`, { story, start: story.starts[0], end, parts });
  }
  const counts = new Map<string, number>();
  const numbered = (series: string): number => {
    const count = (counts.get(series) ?? 0) + 1;
    counts.set(series, count);
    return count;
  };
  for (const event of history.events) {
    if (!('run' in event) || event.run === undefined) continue;
    const parts = runs.get(`${event.user} ${event.run}`)?.parts;
    if (parts === undefined) continue;
    const { seq } = event;
    const add = (what: string, place: string, value: Json): void => {
      parts.set(`${what} ${numbered(`${event.user} ${event.run} ${what}`)}`, { value, seq, place });
    };
    if (event.type === 'prompted')
      add(`prompt of ${event.agent}`, `prompt/${event.agent}`, {
        messages: event.messages,
        tools: [...event.tools],
      });
    else if (event.type === 'tool-called')
      add(`call of ${event.tool}`, `tool/${event.tool}/arguments`, event.arguments);
    else if (event.type === 'tool-returned')
      add(`result of ${event.tool}`, `tool/${event.tool}/result`, event.clean);
    else if (event.type === 'stored' && event.road === 'persistence')
      add('state', 'state', event.json ?? event.text ?? null);
  }
  return runs;
});

function framesIn({ seen, logged }: RunStory): RunFrame[] {
  const bySequence = new Map<number, RunFrame>();
  for (const frame of [...seen, ...logged])
    if (!bySequence.has(frame.sequence)) bySequence.set(frame.sequence, frame);
  return [...bySequence.values()].sort((left, right) => left.sequence - right.sequence);
}

function partOf({ type, agent, payload, frame, seq }: RunFrame): Part {
  const told = Object.fromEntries(Object.entries(payload).filter(([key]) => !differs.has(key)));
  const thread = fieldOf(objectOf(frame), 'thread_id') ?? null;
  return { value: { type, agent, thread, told }, seq, place: `event/${type}/${agent}` };
}

/** Durations, and the id under which the log holds the details. */
const differs = new Set(['execution_time_ms', 'correlation_id']);
