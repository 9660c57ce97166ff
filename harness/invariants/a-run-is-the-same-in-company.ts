import { eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Damages } from './reading/damages.ts';
import { equal } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type ObservableRun, observableRunsOf } from './reading/observable-runs.ts';

/** In company a run may take so much longer than alone, for what is shared; never so long that it is a failure. */
const slowerMs = 5_000;

/**
 * Non-interference: what a user can see of a run, what its agents ask the model and the tools, and what is stored
 * for it are the same, word for word, whether others are there or not, whatever befalls them. The twin is the same
 * case with the users alone that are judged. Time is bounded, not equal. Not judged are runs that met what befell
 * everybody (a process or a shared connection that broke), and where nobody else is there.
 */
export const aRunIsTheSameInCompany: Invariant = {
  name: 'a-run-is-the-same-in-company',
  promise: 'isolation',
  says: "A user's run is the same alone and in company, whatever befalls the others.",
  needsTwin: true,
  check(history, twin) {
    const judgement = new Judgement();
    if (twin === undefined) return judgement.finding();
    const alone = observableRunsOf(twin);
    const inCompany = observableRunsOf(history);
    if (usersIn(history).size <= usersIn(twin).size) return judgement.finding();
    const isKnown = [history, twin].every((each) => eventsOf(each, 'case-ended')[0]?.reason === 'quiet');
    const damages = new Damages(history);
    for (const [key, expected] of alone) {
      const { user, run } = expected.story;
      const found = inCompany.get(key);
      if (!isKnown || expected.end === undefined || expected.start === undefined) {
        judgement.unsure(`nobody knows how ${user}'s ${run} ends when ${user} is alone`);
        continue;
      }
      const until = found?.end?.seq ?? Number.POSITIVE_INFINITY;
      if (found?.start !== undefined && damages.reachEverybody(found.start, until)) continue;
      judgement.checked();
      if (found?.start === undefined)
        judgement.broken({
          why: `${user}'s ${run} was never begun in company, and is when ${user} is alone`,
          shownBy: [],
          place: 'run/(never begun)',
        });
      else {
        const difference = differenceOf(expected, found);
        if (difference === null) continue;
        const { how, place, seq } = difference;
        const shownBy = seq === undefined ? [found.start.seq] : [found.start.seq, seq];
        judgement.broken({ why: `${user}'s ${run}: ${how} when ${user} is alone`, shownBy, place });
      }
    }
    return judgement.finding();
  },
};

/** The first difference: what follows from it is not told. */
function differenceOf(alone: ObservableRun, inCompany: ObservableRun): Difference | null {
  for (const [what, { place, value }] of alone.parts) {
    const found = inCompany.parts.get(what);
    if (found === undefined)
      return { how: `there is no ${what} in company, and there is`, place: `${place}/(missing)` };
    if (!equal(found.value, value))
      return { how: `${what} is another in company than`, place: found.place, seq: found.seq };
  }
  for (const [what, { place, seq }] of inCompany.parts)
    if (!alone.parts.has(what))
      return { how: `there is ${what} in company, and not`, place: `${place}/(more)`, seq };
  const slower = Math.round(durationOf(inCompany) - durationOf(alone));
  if (slower <= slowerMs) return null;
  return { how: `it takes ${slower} ms longer in company than`, place: 'run/(slowed)' };
}

interface Difference {
  readonly how: string;
  readonly place: string;
  readonly seq?: number;
}

function durationOf({ start, end }: ObservableRun): number {
  return start === undefined || end?.connection === undefined ? 0 : end.at - start.at;
}

function usersIn(history: History): ReadonlySet<string> {
  return new Set(
    history.events.flatMap((event) =>
      event.type === 'case-started' ? event.planned.asks.map(({ user }) => user) : [],
    ),
  );
}
