import { eventsOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Judgement } from './reading/judgement.ts';
import { visitsOf } from './reading/visits.ts';

/** For a slow machine, which is nobody's promise. */
const slackMs = 1_500;

/**
 * A client that answers no ping is as good as dead: its connection has to end within the promised time. One that
 * leaves before, or with which the case ends before, shows nothing either way; nor does a process that dies.
 */
export const deadPeersAreNoticedInTime: Invariant = {
  name: 'dead-peers-are-noticed-in-time',
  promise: 'bounds',
  says: 'A peer that is dead is noticed, and its connection ends, within the promised time.',
  check(history) {
    const judgement = new Judgement();
    const boundMs = eventsOf(history, 'case-started')[0]?.bounds.peerMs;
    const exits = eventsOf(history, 'process-exited');
    const lastAt = history.events.at(-1)?.at ?? 0;
    for (const { connection, silent, closed } of visitsOf(history)) {
      if (silent === undefined) continue;
      if (boundMs === undefined) {
        judgement.unsure('nobody promised a time');
        continue;
      }
      const livedMs = (closed?.at ?? lastAt) - silent.at;
      const isOverdue = livedMs > boundMs + slackMs;
      if (closed?.by === 'other' && !isOverdue) {
        if (!exits.some(({ seq }) => seq > silent.seq && seq < closed.seq)) judgement.checked();
      } else if (isOverdue) {
        judgement.checked();
        judgement.broken({
          why: `${connection} was as good as dead, and lived on for ${Math.round(livedMs)} ms; ${boundMs} ms are promised`,
          shownBy: closed === undefined ? [silent.seq] : [silent.seq, closed.seq],
          place: 'peer/(dead)',
        });
      } else judgement.unsure(`${connection} ended before it had to be noticed`);
    }
    return judgement.finding();
  },
};
