import { eventsOf } from '../../harness/history.ts';
import { isTurnedAway, visitsOf } from '../../harness/invariants/reading/visits.ts';
import type { Metric } from '../../harness/scenario.ts';

/**
 * Of the tries that were entitled to come in, kept to the bounds and did not leave by themselves: those that were
 * told that they are in.
 */
export const connectionsMade: Metric = {
  name: 'connections made under races',
  unit: 'share',
  measure(history) {
    const earlyMax = eventsOf(history, 'case-started')[0]?.bounds.earlyMessages ?? Number.POSITIVE_INFINITY;
    const tries = visitsOf(history).filter(
      ({ knocked, sent }) => knocked?.entitled === true && !knocked.leaves && sent.length <= earlyMax,
    );
    return { hits: tries.filter(({ welcome }) => welcome !== undefined).length, of: tries.length };
  },
};

/** Of the tries that somebody ended who was not the client: those that were told why, by a status or close code and a reason. */
export const failuresNamed: Metric = {
  name: 'refusals with a code and a reason',
  unit: 'share',
  measure(history) {
    const ended = visitsOf(history).filter(
      ({ knocked, closed, refused }) =>
        knocked !== undefined && (refused !== undefined || closed?.by === 'other'),
    );
    const named = ended.filter((visit) => isTurnedAway(visit) && visit.refused?.code !== '');
    return { hits: named.length, of: ended.length };
  },
};
