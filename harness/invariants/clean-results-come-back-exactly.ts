import type { Invariant } from '../invariant.ts';
import { carriedValuesOf, whereabouts } from './reading/carried-values.ts';
import { describe, placeOf } from './reading/differences.ts';
import { Judgement } from './reading/judgement.ts';

/** A healthy result pays nothing for the care that is taken of the others. */
export const cleanResultsComeBackExactly: Invariant = {
  name: 'clean-results-come-back-exactly',
  promise: 'sanitisation',
  says: 'A result that is clean data comes back exactly as it was returned, with nothing to account for.',
  check(history) {
    const judgement = new Judgement();
    for (const carried of carriedValuesOf(history).values) {
      if (carried.twin.poisoned.length > 0) continue;
      judgement.checked();
      const shownBy = [carried.twin.seq, carried.seq];
      for (const difference of carried.differences) {
        judgement.broken({
          why: `${whereabouts(carried)}: ${describe(difference)}, though the result was clean`,
          shownBy,
          place: `${carried.road}/${carried.producer}/${placeOf(difference.path)}`,
        });
      }
      if (!Array.isArray(carried.account) || carried.account.length > 0) {
        judgement.broken({
          why: `${whereabouts(carried)}: the result was clean, and its account is not empty`,
          shownBy,
          place: `${carried.road}/${carried.producer}/(account)`,
        });
      }
    }
    return judgement.finding();
  },
};
