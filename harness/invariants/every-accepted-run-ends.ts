import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { dataLossesOf } from './reading/data-losses.ts';
import { deathsOf } from './reading/deaths.ts';
import { endsRun } from './reading/frames.ts';
import { textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { endOf, type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { metConnectionOf, type WireFault, wireFaultsOf } from './reading/wire-faults.ts';

/** Beyond the promised time: for what is neither the pipeline's nor a fault's, such as a slow machine. */
const slackMs = 5_000;

/**
 * A run that was asked for ends in one answer, one named failure or an error that names the run, in time.
 * Where its user could not have seen the end (left, impatient, a broken wire) the run's log is judged; a
 * start that may never have arrived is unknown, and counts for nothing; nor is it known how one would have
 * ended that its user never came to ask, though nothing was in the way, nor what lay in a log that is lost.
 */
export const everyAcceptedRunEnds: Invariant = {
  name: 'every-accepted-run-ends',
  promise: 'delivery',
  says: 'Every run that was accepted ends once, in an answer or a named error, within its deadline.',
  check(history) {
    const judgement = new Judgement();
    const faults = wireFaultsOf(history);
    const boundMs = eventsOf(history, 'case-started')[0]?.bounds.runMs;
    const knowsLogs = history.events.some((event) => event.type === 'stored' && event.road === 'events');
    const ended = eventsOf(history, 'case-ended')[0];
    const lostBy = dataLossesOf(history).at(-1)?.seq;
    const shown = lostBy === undefined ? undefined : lastSigns(history);
    const stories = runStoriesOf(history);
    const told = new Set(stories.map(({ user, run }) => `${user} ${run}`));
    for (const { user, run } of eventsOf(history, 'case-started')[0]?.planned.asks ?? [])
      if (!told.has(`${user} ${run}`) && !turnedAway({ history, faults }, user))
        judgement.unsure(`${user} was to ask ${run}, and nothing was heard of it`);
    for (const story of stories) {
      if (story.seen.some(endsRun)) judgeEnd(judgement, story, { boundMs, faults, history });
      else if (story.errors.some(isEnd)) judgement.checked();
      else {
        const lastSign = shown?.get(`${story.user} ${story.run}`) ?? 0;
        // One that was asked for afterwards cannot have lain in what was lost.
        const isLost = lostBy !== undefined && lastSign < lostBy && (story.starts[0]?.seq ?? 0) < lostBy;
        judgeMissingEnd(judgement, story, { boundMs, faults, history, knowsLogs, ended, isLost });
      }
    }
    return judgement.finding();
  },
};

interface Known {
  readonly boundMs: number | undefined;
  readonly faults: readonly WireFault[];
  readonly history: History;
}

function judgeEnd(judgement: Judgement, story: RunStory, { boundMs, faults, history }: Known): void {
  judgement.checked();
  const { user, run } = story;
  const ends = new Map(story.seen.filter(endsRun).map((frame) => [frame.sequence, frame]));
  if (ends.size > 1) {
    judgement.broken({
      why: `${user}'s ${run} ended ${ends.size} times`,
      shownBy: [...ends.values()].map((frame) => frame.seq),
      place: 'run/(ended more than once)',
    });
  }
  const end = endOf(story);
  const sign = story.accepted[0]?.seq ?? story.seen[0]?.seq ?? 0;
  // An earlier start may never have arrived.
  const start = story.starts.findLast(({ seq }) => seq < sign);
  if (start === undefined || end === undefined || boundMs === undefined) return;
  // When the user saw the end says nothing of when it came, where a fault met the wire between.
  if (faults.some((fault) => fault.seq > start.seq && fault.seq < end.seq && metConnectionOf(fault, user)))
    return;
  const heldMs = faults.reduce((sum, fault) => sum + (fault.seq < end.seq ? fault.heldMs : 0), 0);
  const tookMs = end.at - start.at;
  if (tookMs <= boundMs + slackMs + heldMs) return;
  const apartMs = withoutConnectionMs(history, user, start.at, end.at);
  if (tookMs <= boundMs + slackMs + heldMs + apartMs) return;
  judgement.broken({
    why: `${user}'s ${run} ended after ${Math.round(tookMs)} ms; ${boundMs} ms are promised`,
    shownBy: [start.seq, end.seq],
    place: 'run/(late)',
  });
}

function judgeMissingEnd(
  judgement: Judgement,
  story: RunStory,
  known: Known & {
    readonly knowsLogs: boolean;
    readonly ended: EventOf<'case-ended'> | undefined;
    /** Redis lost what it held when nothing was seen of the run any more: an end that lay there is lost as well. */
    readonly isLost: boolean;
  },
): void {
  const { user, run, gaveUp } = story;
  const accepted = story.accepted[0]?.seq ?? story.seen[0]?.seq;
  const shownBy = [story.starts[0]?.seq, accepted, gaveUp?.seq].filter((seq) => seq !== undefined);
  if (story.starts.length === 0 && accepted === undefined) {
    if (gaveUp === undefined || turnedAway(known, user)) return;
    judgement.checked();
    const why = `${user} gave up on ${run}: nobody let the user in, and nobody said why not`;
    judgement.broken({ why, shownBy, place: 'connection/(never opened)' });
    return;
  }
  const impatient =
    gaveUp !== undefined && known.boundMs !== undefined && gaveUp.afterMs < known.boundMs + slackMs;
  const overTime = known.ended?.reason !== 'quiet';
  const wireBroke = known.faults.some(
    (fault) => metConnectionOf(fault, user) && (fault.run === undefined || fault.run === run),
  );
  if (impatient || wireBroke || (story.left && gaveUp === undefined)) {
    if (story.logged.some(endsRun)) judgement.checked();
    else if ((accepted === undefined || known.isLost) && story.logged.length === 0) return;
    else if (!known.knowsLogs) judgement.unsure(`${user}'s ${run}: its end is not known without its log`);
    else if (overTime) judgement.unsure(`${user}'s ${run} had not ended when the case ran out of time`);
    else {
      judgement.checked();
      const why = `${user}'s ${run} never ended: its log holds no end`;
      judgement.broken({ why, shownBy, place: 'run/(no end in the log)' });
    }
    return;
  }
  if (gaveUp === undefined && overTime) {
    judgement.unsure(`${user}'s ${run} had not ended when the case ran out of time`);
    return;
  }
  judgement.checked();
  judgement.broken({
    why:
      gaveUp === undefined
        ? `${user}'s ${run} never ended: all became quiet without an answer or an error`
        : `${user}'s ${run} never ended: the user gave up after ${gaveUp.afterMs} ms`,
    shownBy,
    place: accepted === undefined ? 'run/(never answered)' : 'run/(no end)',
  });
}

/** Whether the user was refused, a fault met the user's connection, or there was nobody to connect to. */
function turnedAway({ history, faults }: Pick<Known, 'history' | 'faults'>, user: string): boolean {
  return (
    faults.some((fault) => metConnectionOf(fault, user)) ||
    deathsOf(history).length > 0 ||
    history.events.some((event) => event.type === 'connection-refused' && event.user === user)
  );
}

/** A run that was accepted once goes on, whatever a second start or a lost resume is told. */
function isEnd(notice: { readonly frame: Parameters<typeof textOf>[0] }): boolean {
  return textOf(notice.frame, 'code') !== 'RUN_DUPLICATE';
}

/** By user and run, `seq` of the last that was seen of the work on the run. */
function lastSigns(history: History): Map<string, number> {
  const signs = new Map<string, number>();
  for (const event of history.events) {
    if (isWork.has(event.type) && 'user' in event && 'run' in event)
      signs.set(`${event.user} ${event.run}`, event.seq);
  }
  return signs;
}

const isWork: ReadonlySet<string> = new Set([
  'prompted',
  'answered',
  'tool-called',
  'tool-returned',
  'tool-failed',
  'agent-asked',
  'agent-returned',
  'agent-failed',
]);

/** Milliseconds between `from` and `to` in which the user had no connection. */
function withoutConnectionMs(history: History, user: string, from: number, to: number): number {
  let apartMs = 0;
  let open = 0;
  let since = from;
  for (const event of history.events) {
    if (event.type !== 'connection-opened' && event.type !== 'connection-closed') continue;
    if (event.user !== user) continue;
    const at = Math.min(Math.max(event.at, from), to);
    if (open === 0) apartMs += at - since;
    open = Math.max(0, open + (event.type === 'connection-opened' ? 1 : -1));
    since = at;
  }
  return open === 0 ? apartMs + (to - since) : apartMs;
}
