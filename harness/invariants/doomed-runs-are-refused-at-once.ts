import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { deathsOf, momentMs } from './reading/deaths.ts';
import { objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * A run that is asked for while the model or Redis has been away for as long as anybody may not know it cannot
 * succeed: its user is told so in no time, by a code that names what is missing; it is not taken on, and no model is
 * called for it while that is away. What becomes of it once that is back is no matter of this. Where a fault met the
 * user's own connection, a process died, or the outage ended while the run was asked for, it is not known what was
 * due; nor where the user asked for what nobody may have.
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
    const deaths = deathsOf(history);
    for (const story of runStoriesOf(history)) {
      if (faults.some((fault) => metConnectionOf(fault, story.user))) continue;
      for (const asking of askingsOf(story, refusedMs)) {
        const { start } = asking;
        const known = outages.filter(
          ({ from, until }) => start.at >= from + knownMs && start.at + refusedMs < until,
        );
        if (known.length === 0) continue;
        // Who asked may not have seen yet that it had died.
        if (deaths.some(({ at }) => at >= start.at - momentMs && at <= start.at + refusedMs)) continue;
        judge(judgement, story, asking, { outages: known, refusedMs, calls });
      }
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

type Call = EventOf<'answered' | 'prompted'>;

/** Calls of the model, by run: those that it answered, and those that found nobody. */
function callsByRun(history: History): Map<string, Call[]> {
  const calls = new Map<string, Call[]>();
  for (const event of history.events) {
    if (event.type !== 'answered' && event.type !== 'prompted') continue;
    const run = `${event.user} ${event.run}`;
    const ofRun = calls.get(run);
    if (ofRun === undefined) calls.set(run, [event]);
    else ofRun.push(event);
  }
  return calls;
}

/**
 * One time that a run was asked for which nobody had taken on: what came of it came before it was asked for again,
 * unless that was so soon that nobody can tell the answers apart.
 */
interface Asking {
  readonly start: EventOf<'sent'>;
  readonly isOf: (event: { readonly seq: number }) => boolean;
}

function askingsOf({ starts, accepted, seen }: RunStory, refusedMs: number): Asking[] {
  const takenBy = Math.min(...[...accepted, ...seen].map(({ seq }) => seq));
  return starts
    .filter((start) => start.seq < takenBy)
    .map((start, index) => {
      const next = starts.slice(index + 1).find(({ at }) => at > start.at + refusedMs);
      const before = next?.seq ?? Number.POSITIVE_INFINITY;
      return { start, isOf: ({ seq }) => seq > start.seq && seq < before };
    });
}

function judge(
  judgement: Judgement,
  { user, run, accepted, seen, errors, gaveUp }: RunStory,
  { start, isOf }: Asking,
  known: {
    readonly outages: readonly Outage[];
    readonly refusedMs: number;
    readonly calls: ReadonlyMap<string, readonly Call[]>;
  },
): void {
  const { outages, refusedMs, calls } = known;
  const until = Math.max(...outages.map((outage) => outage.until));
  const away = [...new Set(outages.map(({ of }) => inWords[of]))].join(' and ');
  const broken = (what: string, place: string, ...shownBy: (number | undefined)[]): void =>
    judgement.broken({
      why: `${away} was away, and ${user}'s ${run} ${what}`,
      shownBy: [...outages.map(({ seq }) => seq), start.seq, ...shownBy].filter((seq) => seq !== undefined),
      place: `doomed/${place}`,
    });
  const isDoomed = (event: { readonly seq: number; readonly at: number }): boolean =>
    isOf(event) && event.at < until;
  const refusal = errors.find(isOf);
  const code = textOf(refusal?.frame, 'code') ?? '(no code)';
  if (isForOneself.has(code)) return;
  judgement.checked();
  const call = calls.get(`${user} ${run}`)?.find(isDoomed);
  const taken = accepted.find(isDoomed) ?? seen.find(isDoomed);
  if (call !== undefined) broken('was begun: the model was called for it', '(begun)', call.seq);
  else if (taken !== undefined) broken('was taken on', '(taken on)', taken.seq);
  else if (refusal === undefined) broken('was not refused', '(no refusal)', gaveUp?.seq);
  else if (refusal.at - start.at > refusedMs)
    broken(
      `was refused after ${Math.round(refusal.at - start.at)} ms; ${refusedMs} ms are promised`,
      '(late)',
      refusal.seq,
    );
  else if (!outages.some(({ of }) => names(refusal.frame, code, of)))
    broken(`was refused by ${code}, which does not say so`, '(not named)', refusal.seq);
}

const inWords = { model: 'the model', redis: 'Redis' };

/** What a user asked for that nobody may have, or too much of it: refused as it is at any time. */
const isForOneself: ReadonlySet<string> = new Set([
  'RUN_LIMIT',
  'RATE_LIMITED',
  'OVERLOADED',
  'PERMISSION_DENIED',
  'CONTEXT_INVALID',
  'MESSAGE_MALFORMED',
  'MESSAGE_TOO_LARGE',
]);

/** The code is that of what is away; or it is that of a run which would fail, and the message names it. */
function names(frame: Parameters<typeof textOf>[0], code: string, of: Outage['of']): boolean {
  if (code !== 'PREREQUISITE_FAILED')
    return of === 'model' ? code.startsWith('MODEL_') : code === 'STORE_UNAVAILABLE';
  const message = textOf(frame, 'message') ?? '';
  return of === 'model' ? /\bmodel\b/i.test(message) : /\b(stores?|redis)\b/i.test(message);
}
