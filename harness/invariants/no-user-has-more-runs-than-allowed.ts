import { eventsOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { mostAtOnce } from './reading/crowding.ts';
import { Judgement } from './reading/judgement.ts';

/**
 * Judged by the work that was surely done: a run is under way at least from the first agent of it that was asked
 * to the last one. When it was accepted, and when it was over for the gateway, no outsider knows.
 */
export const noUserHasMoreRunsThanAllowed: Invariant = {
  name: 'no-user-has-more-runs-than-allowed',
  promise: 'bounds',
  says: 'At no moment are more runs of one user worked on than a user may have.',
  check(history) {
    const judgement = new Judgement();
    const allowed = eventsOf(history, 'case-started')[0]?.bounds.runsPerUser;
    const byUser = new Map<string, Map<string, { from: number; to: number }>>();
    for (const { user, run, seq } of eventsOf(history, 'agent-asked')) {
      const runs = byUser.get(user) ?? new Map<string, { from: number; to: number }>();
      byUser.set(user, runs);
      const stay = runs.get(run);
      if (stay === undefined) runs.set(run, { from: seq, to: seq });
      else stay.to = seq;
    }
    for (const [user, runs] of byUser) {
      const stays = [...runs.values()];
      if (allowed === undefined) {
        judgement.unsure('nobody said how many runs a user may have');
        continue;
      }
      judgement.checked(stays.length);
      const most = mostAtOnce(stays);
      if (most <= allowed) continue;
      judgement.broken({
        why: `${user} had ${most} runs at the same time, and may have ${allowed}`,
        shownBy: stays.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b),
        place: `runs of ${user}`,
      });
    }
    return judgement.finding();
  },
};
