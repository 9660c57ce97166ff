import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { calmOf } from './reading/calm.ts';
import { textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { endOf, type RunStory, runStoriesOf } from './reading/run-stories.ts';

/** Beyond the promised time: for a slow machine, which is nobody's promise. */
const slackMs = 5_000;

/**
 * Liveness: once the last disturbance is over, and the time has passed within which everything is promised to
 * be served again, every process that died is there again, whoever asks gets a whole answer in time, and no fault
 * excuses anything any more. A user who leaves before the end shows nothing; a run with poison in its own results
 * is judged elsewhere.
 */
export const serviceReturnsAfterTheStorm: Invariant = {
  name: 'service-returns-after-the-storm',
  promise: 'restart',
  says: 'When the storm is over, whoever asks is served whole and in time, without excuse.',
  check(history) {
    const judgement = new Judgement();
    const { runMs, returnMs } = eventsOf(history, 'case-started')[0]?.bounds ?? {};
    const calm = calmOf(history, returnMs);
    if (calm === null) return judgement.finding();
    if (typeof calm === 'string') {
      judgement.unsure(calm);
      return judgement.finding();
    }
    const poisoned = poisonedRuns(history);
    const ended = eventsOf(history, 'case-ended')[0];
    for (const exit of calm.down) judgeAbsence(judgement, exit, (ended?.at ?? 0) >= calm.from);
    if (calm.doubt !== null) {
      judgement.unsure(calm.doubt);
      return judgement.finding();
    }
    for (const story of runStoriesOf(history)) {
      const asked = askedAt(story);
      if (asked === null || asked < calm.from || poisoned.has(`${story.user}/${story.run}`)) continue;
      judge(judgement, story, { asked, boundMs: runMs, ended });
    }
    return judgement.finding();
  },
};

function judgeAbsence(judgement: Judgement, exit: EventOf<'process-exited'>, isDue: boolean): void {
  const { process, seq } = exit;
  if (!isDue) {
    judgement.unsure(`the case was over before ${process} had to be back`);
    return;
  }
  judgement.checked();
  judgement.broken({
    why: `the storm was over, and ${process}, which had died, was not started again`,
    shownBy: [seq],
    place: 'calm/(down)',
  });
}

function judge(
  judgement: Judgement,
  story: RunStory,
  known: {
    readonly asked: number;
    readonly boundMs: number | undefined;
    readonly ended: EventOf<'case-ended'> | undefined;
  },
): void {
  const { user, run, gaveUp, starts, errors } = story;
  const end = endOf(story);
  const refusal = errors.find(({ frame }) => textOf(frame, 'code') !== 'RUN_DUPLICATE');
  const broken = (what: string, place: string, ...shownBy: (number | undefined)[]): void => {
    judgement.checked();
    judgement.broken({
      why: `the storm was over, and ${user}'s ${run} ${what}`,
      shownBy: [starts[0]?.seq, ...shownBy].filter((seq) => seq !== undefined),
      place: `calm/${place}`,
    });
  };
  if (end !== undefined) {
    const code = textOf(end.payload, 'code') ?? '(no code)';
    const tookMs = end.at - known.asked;
    if (end.type === 'run_failed') broken(`failed (${code})`, code, end.seq);
    else if (textOf(end.payload, 'status') === 'partial')
      broken('was answered in part', '(partial)', end.seq);
    else if (known.boundMs !== undefined && tookMs > known.boundMs + slackMs)
      broken(`took ${Math.round(tookMs)} ms; ${known.boundMs} ms are promised`, '(late)', end.seq);
    else judgement.checked();
  } else if (refusal !== undefined) {
    const code = textOf(refusal.frame, 'code') ?? '(no code)';
    broken(`was refused (${code})`, code, refusal.seq);
  } else if (gaveUp !== undefined) {
    broken(`had no answer: the user gave up after ${gaveUp.afterMs} ms`, '(no answer)', gaveUp.seq);
  } else if (!story.left) {
    if (known.ended?.reason === 'quiet') broken('had no answer', '(no answer)');
    else judgement.unsure(`${user}'s ${run} had not ended when the case ran out of time`);
  }
}

/** When the user first asked; null where that is not known. */
function askedAt({ starts, gaveUp }: RunStory): number | null {
  const times = [
    ...(starts[0] === undefined ? [] : [starts[0].at]),
    ...(gaveUp === undefined ? [] : [gaveUp.at - gaveUp.afterMs]),
  ];
  return times.length === 0 ? null : Math.min(...times);
}

function poisonedRuns(history: History): Set<string> {
  const runs = new Set<string>();
  for (const { fate, message } of eventsOf(history, 'fault-fired')) {
    const named = /^\w+[<>]([^/]*\/[^/]*)\//.exec(message ?? '');
    if ((fate as { do?: unknown } | null)?.do === 'contaminate' && named?.[1] !== undefined)
      runs.add(named[1]);
  }
  return runs;
}
