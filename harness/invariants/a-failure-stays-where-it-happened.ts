import { eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { fieldOf, objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type UntouchedRun, untouchedRunsOf } from './reading/untouched-runs.ts';

/**
 * A run to which nothing was done is answered in full, and each agent that worked for it is shown, however
 * many others failed before it or beside it. Sharper than to ask whether a failure is explained: a fault is no
 * explanation for a run that it did not meet. Runs that were begun soon after a process or a shared connection
 * broke are left out, and so are those of a user whose own connection did.
 */
export const aFailureStaysWhereItHappened: Invariant = {
  name: 'a-failure-stays-where-it-happened',
  promise: 'restart',
  says: 'A run that fails, hangs or crashes never changes another: what nothing was done to is answered in full.',
  check(history) {
    const judgement = new Judgement();
    const isOver = eventsOf(history, 'case-ended')[0]?.reason === 'quiet';
    const asked = agentsAskedIn(history);
    for (const untouched of untouchedRunsOf(history)) {
      const { story, start, failure, end } = untouched;
      const name = `${story.user}'s ${story.run}`;
      // A start that may never have arrived counts for nothing.
      if (end === undefined && story.left && story.accepted.length === 0) continue;
      if (end === undefined && (story.left || !isOver)) {
        judgement.unsure(`nobody knows how ${name} would have ended`);
        continue;
      }
      judgement.checked();
      const broken = (what: string, place: string): void =>
        judgement.broken({
          why: `${name} ${what}, though nothing was done to it: ${failure.what}`,
          shownBy: [failure.seq, start.seq, ...(end === undefined ? [] : [end.seq])],
          place,
        });
      const ending = endingOf(end);
      if (ending !== null) broken(ending.what, ending.place);
      else
        for (const agent of asked.get(`${story.user} ${story.run}`) ?? [])
          if (!isShown(story, agent))
            broken(`never showed the work of ${agent}`, `agent/${agent}/(not shown)`);
    }
    return judgement.finding();
  },
};

/** What is wrong with the end; null: it is an answer in full. */
function endingOf(end: UntouchedRun['end']): { readonly what: string; readonly place: string } | null {
  if (end === undefined) return { what: 'never ended', place: 'run/(no end)' };
  if (!('payload' in end)) {
    const code = textOf(end.frame, 'code') ?? '(no code)';
    return { what: `was refused (${code})`, place: `error/${code}` };
  }
  const missing = fieldOf(end.payload, 'missing');
  const [first] = Array.isArray(missing) ? missing.map((each) => objectOf(each)) : [];
  const agent = textOf(first, 'agent') ?? '(nobody)';
  const code = textOf(first, 'code') ?? textOf(end.payload, 'code') ?? '(no code)';
  if (end.type === 'run_failed')
    return { what: `failed (${agent}: ${code})`, place: `agent/${agent}/${code}` };
  if (textOf(end.payload, 'status') === 'complete') return null;
  return { what: `was answered in part (${agent}: ${code})`, place: `agent/${agent}/${code}` };
}

function isShown({ seen, logged }: UntouchedRun['story'], agent: string): boolean {
  const shown = (type: string): boolean =>
    [...seen, ...logged].some((frame) => frame.type === type && frame.agent === agent);
  return shown('agent_started') && shown('agent_completed');
}

/** Who was put to work, by run. */
function agentsAskedIn(history: History): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>();
  for (const { user, run, agent } of eventsOf(history, 'agent-asked')) {
    const agents = asked.get(`${user} ${run}`) ?? new Set();
    asked.set(`${user} ${run}`, agents.add(agent));
  }
  return asked;
}
