import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * A run that is asked for while the model or Redis has been away for as long as anybody may not know it cannot
 * succeed: its user is told so in no time, it is not taken on, and no model is called for it. Where a fault met
 * the user's own connection, or the outage ended while it was asked for, it is not known what was due.
 */
export const doomedRunsAreRefusedAtOnce: Invariant = {
  name: 'doomed-runs-are-refused-at-once',
  promise: 'bounds',
  says: 'A run that cannot succeed is refused at once, before any model is called for it.',
  check(history) {
    const judgement = new Judgement();
    const { knownMs, refusedMs } = eventsOf(history, 'case-started')[0]?.bounds ?? {};
    const outages = outagesIn(history);
    if (outages.length === 0) return judgement.finding();
    if (knownMs === undefined || refusedMs === undefined) {
      judgement.unsure('nobody promised within which time a run is refused');
      return judgement.finding();
    }
    const calls = callsByRun(history);
    const faults = wireFaultsOf(history);
    for (const story of runStoriesOf(history)) {
      const [start] = story.starts;
      if (start === undefined) continue;
      const outage = outages.find(
        ({ from, until }) => start.at >= from + knownMs && start.at + refusedMs < until,
      );
      if (outage === undefined) continue;
      if (faults.some((fault) => metConnectionOf(fault, story.user))) continue;
      judge(judgement, story, { start, outage, refusedMs, calls });
    }
    return judgement.finding();
  },
};

interface Outage {
  readonly of: 'model' | 'redis';
  readonly seq: number;
  readonly from: number;
  readonly until: number;
}

function outagesIn(history: History): Outage[] {
  const ended = new Map(eventsOf(history, 'fault-ended').map(({ fault, at }) => [fault, at]));
  return eventsOf(history, 'fault-fired').flatMap(({ fate, fault, seq, at }) => {
    const does = textOf(objectOf(fate), 'do');
    const of = does === 'model-down' ? 'model' : does === 'kill-redis' ? 'redis' : undefined;
    const until = ended.get(fault);
    return of === undefined || until === undefined ? [] : [{ of, seq, from: at, until }];
  });
}

/** Calls of the model, by run: those that it answered, and those that found nobody. */
function callsByRun(history: History): Map<string, EventOf<'answered' | 'prompted'>> {
  const calls = new Map<string, EventOf<'answered' | 'prompted'>>();
  for (const event of history.events) {
    if (event.type !== 'answered' && event.type !== 'prompted') continue;
    const run = `${event.user} ${event.run}`;
    if (!calls.has(run)) calls.set(run, event);
  }
  return calls;
}

function judge(
  judgement: Judgement,
  { user, run, accepted, seen, errors, gaveUp }: RunStory,
  known: {
    readonly start: EventOf<'sent'>;
    readonly outage: Outage;
    readonly refusedMs: number;
    readonly calls: ReadonlyMap<string, EventOf<'answered' | 'prompted'>>;
  },
): void {
  const { start, outage, refusedMs, calls } = known;
  const broken = (what: string, place: string, ...shownBy: (number | undefined)[]): void =>
    judgement.broken({
      why: `${outage.of === 'model' ? 'the model' : 'Redis'} was away, and ${user}'s ${run} ${what}`,
      shownBy: [outage.seq, start.seq, ...shownBy].filter((seq) => seq !== undefined),
      place: `doomed/${place}`,
    });
  judgement.checked();
  const call = calls.get(`${user} ${run}`);
  const taken = accepted[0] ?? seen[0];
  const [refusal] = errors;
  if (call !== undefined) broken('was begun: the model was called for it', '(begun)', call.seq);
  else if (taken !== undefined) broken('was taken on', '(taken on)', taken.seq);
  else if (refusal === undefined) broken('was not refused', '(no refusal)', gaveUp?.seq);
  else if (refusal.at - start.at > refusedMs)
    broken(
      `was refused after ${Math.round(refusal.at - start.at)} ms; ${refusedMs} ms are promised`,
      '(late)',
      refusal.seq,
    );
}
