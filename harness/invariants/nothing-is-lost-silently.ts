import type { Invariant } from '../invariant.ts';
import { Account } from './reading/account.ts';
import { carriedValuesOf, whereabouts } from './reading/carried-values.ts';
import { describe, placeOf } from './reading/differences.ts';
import { Judgement } from './reading/judgement.ts';

/** Each value that is not what was returned is named, by path, kind and reason, in the account beside it. */
export const nothingIsLostSilently: Invariant = {
  name: 'nothing-is-lost-silently',
  promise: 'sanitisation',
  says: 'Whatever is removed from a result or changed in it is named, with its path and the reason.',
  check(history) {
    const judgement = new Judgement();
    for (const carried of carriedValuesOf(history).values) {
      judgement.checked(carried.twin.poisoned.length);
      if (carried.differences.length === 0) continue;
      const account = new Account(carried.account);
      for (const difference of carried.differences) {
        if (difference.damage === 'added') continue;
        if (difference.recipe === undefined) judgement.checked();
        if (account.explains(difference)) continue;
        judgement.broken({
          why: `${whereabouts(carried)}: ${describe(difference)}, and the account does not say so`,
          shownBy: [carried.twin.seq, carried.seq],
          place: `${carried.road}/${carried.producer}/${placeOf(difference.path)}`,
        });
      }
    }
    return judgement.finding();
  },
};
