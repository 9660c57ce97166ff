import { eventsOf, type History } from './history.ts';
import { confirmationsOf } from './invariants/reading/confirmations.ts';
import { framesOf } from './invariants/reading/frames.ts';
import { fieldOf, objectOf } from './invariants/reading/json-shapes.ts';
import { type RunStory, runStoriesOf } from './invariants/reading/run-stories.ts';
import type { Metric } from './scenario.ts';

/**
 * What became of the events that were accepted: those that lie in the logs of runs, and those that a store has lost
 * since, which the numbers of later ones tell.
 */
export const deliveryFigures: readonly Metric[] = [
  figure('events delivered', 'share', ({ delivered }) => delivered),
  figure('events confirmed', 'share', ({ confirmed }) => confirmed),
  figure('events surfaced as lost or unconfirmed', 'count', ({ surfaced }) => surfaced),
  figure('events silently lost', 'count', ({ silent }) => silent),
];

/** Of the tool calls that were really made: those whose beginning and end came to the user. */
export const toolVisibility: Metric = {
  name: 'tool calls shown',
  unit: 'share',
  measure(history) {
    const begun = new Set<string>();
    const ended = new Set<string>();
    for (const { user, run, type, payload } of framesOf(history).seen) {
      const call = `${user} ${run} ${String(fieldOf(payload, 'call_id'))}`;
      if (type === 'tool_executing') begun.add(call);
      if (type === 'tool_completed') ended.add(call);
    }
    const awaited = new Set(
      runStoriesOf(history)
        .filter(({ seen }) => seen.some(({ type }) => type === 'run_completed'))
        .map(({ user, run }) => `${user} ${run}`),
    );
    const made = eventsOf(history, 'tool-called').filter(({ user, run }) => awaited.has(`${user} ${run}`));
    const shown = made.filter(({ user, run, call }) => {
      const name = `${user} ${run} ${call}`;
      return begun.has(name) && ended.has(name);
    });
    return { hits: shown.length, of: made.length };
  },
};

interface Figures {
  readonly accepted: number;
  readonly delivered: number;
  readonly confirmed: number;
  readonly surfaced: number;
  readonly silent: number;
}

function figure(name: string, unit: Metric['unit'], of: (figures: Figures) => number): Metric {
  return {
    name,
    unit,
    measure(history) {
      const figures = figuresOf(history);
      return { hits: of(figures), of: figures.accepted };
    },
  };
}

function figuresOf(history: History): Figures {
  const confirmations = confirmationsOf(history);
  const surfacedRuns = surfacedIn(history);
  const sum = { accepted: 0, delivered: 0, confirmed: 0, surfaced: 0, silent: 0 };
  for (const story of runStoriesOf(history)) {
    const name = `${story.user} ${story.run}`;
    const have = new Set(story.seen.map(({ sequence }) => sequence));
    const confirmedTo = Math.max(0, ...(confirmations.get(name) ?? []).map(({ sequence }) => sequence));
    const goneBefore = surfacedRuns.lostBefore.get(name) ?? 0;
    const isTold = surfacedRuns.unconfirmed.has(name) || story.errors.length > 0;
    for (let sequence = 1; sequence <= lastOf(story, goneBefore); sequence++) {
      sum.accepted += 1;
      if (sequence <= confirmedTo) sum.confirmed += 1;
      if (have.has(sequence)) sum.delivered += 1;
      else if (isTold || sequence < goneBefore) sum.surfaced += 1;
      else sum.silent += 1;
    }
  }
  return sum;
}

/** The highest number that anything tells of: they run without gaps from 1. */
function lastOf({ logged, seen }: RunStory, goneBefore: number): number {
  return [...logged, ...seen].reduce((last, { sequence }) => Math.max(last, sequence), goneBefore - 1);
}

/** What the users were told, or will be told at their next connection. */
function surfacedIn(history: History): {
  readonly lostBefore: ReadonlyMap<string, number>;
  readonly unconfirmed: ReadonlySet<string>;
} {
  const lostBefore = new Map<string, number>();
  const unconfirmed = new Set<string>();
  for (const { type, user, run, frame } of framesOf(history).notices) {
    if (type === 'events_lost') lostBefore.set(`${user} ${run}`, Number(fieldOf(frame, 'available_from')));
    if (type === 'events_unconfirmed') unconfirmed.add(`${user} ${run}`);
  }
  for (const { road, user, run, json } of eventsOf(history, 'stored')) {
    if (road !== 'delivery' || user === undefined || run !== undefined) continue;
    for (const name of Object.keys(objectOf(json) ?? {})) unconfirmed.add(`${user} ${name}`);
  }
  return { lostBefore, unconfirmed };
}
