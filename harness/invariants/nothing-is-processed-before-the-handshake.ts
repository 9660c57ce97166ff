import type { Invariant } from '../invariant.ts';
import { objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { runStoriesOf } from './reading/run-stories.ts';
import { earlyMessagesOf, isTurnedAway, type Visit, visitsOf } from './reading/visits.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * What an outsider sees of a message that was processed is an answer to it: none may come before the server said
 * that it is ready, but an error that refuses it. And a run that was asked for only where nobody was let in must
 * have left nothing behind. Where a fault met the connection the order that was seen may not be the one that was.
 */
export const nothingIsProcessedBeforeTheHandshake: Invariant = {
  name: 'nothing-is-processed-before-the-handshake',
  promise: 'handshake',
  says: 'Nothing that a client sends is processed before its handshake is complete.',
  check(history) {
    const judgement = new Judgement();
    const faults = wireFaultsOf(history);
    const begun = new Set<string>();
    for (const { user, run, starts, logged, accepted, seen } of runStoriesOf(history)) {
      const isKnown = logged.length > 0 || accepted.length > 0 || seen.length > 0;
      if (isKnown && starts.length === 0) begun.add(`${user} ${run}`);
    }
    for (const visit of visitsOf(history)) {
      if (visit.seen.length === 0 && earlyMessagesOf(visit).length === 0) continue;
      judgement.checked();
      const early = firstBeforeWelcome(visit);
      const isMet = visit.knocked === undefined && faults.some((fault) => metConnectionOf(fault, visit.user));
      if (early !== undefined && isMet) {
        judgement.unsure(`${visit.connection} saw ${early.type} first, but a fault met it`);
      } else if (early !== undefined) {
        judgement.broken({
          why: `${visit.connection} was answered by ${early.type} before it was told that it is ready`,
          shownBy: [early.seq],
          place: `before ready/${early.type}`,
        });
      }
      if (!isTurnedAway(visit)) continue;
      for (const { seq, frame } of visit.sent) {
        const run = textOf(objectOf(frame), 'run_id');
        const isStart = textOf(objectOf(frame), 'type') === 'start_agent';
        if (!isStart || run === undefined || !begun.has(`${visit.user} ${run}`)) continue;
        judgement.broken({
          why: `${visit.user}'s ${run} was begun, though ${visit.connection} was turned away`,
          shownBy: [seq, visit.refused?.seq ?? visit.closed?.seq ?? seq],
          place: 'turned away/run',
        });
      }
    }
    return judgement.finding();
  },
};

function firstBeforeWelcome({ seen, welcome }: Visit): { type: string; seq: number } | undefined {
  for (const { seq, frame } of seen) {
    if (welcome !== undefined && seq >= welcome.seq) return undefined;
    const type = textOf(objectOf(frame), 'type') ?? '(no type)';
    if (type !== 'error') return { type, seq };
  }
  return undefined;
}
