import type { Invariant } from '../invariant.ts';
import { Account } from './reading/account.ts';
import { carriedValuesOf, whereabouts } from './reading/carried-values.ts';
import { describe, pathInWords, placeOf } from './reading/differences.ts';
import { Judgement } from './reading/judgement.ts';

/** Around a poisoned value everything stays as it was returned, and nothing there is said to be spoilt. */
export const poisonSpoilsNoSiblings: Invariant = {
  name: 'poison-spoils-no-siblings',
  promise: 'sanitisation',
  says: 'One poisoned value does not spoil the rest of the result that it is in.',
  check(history) {
    const judgement = new Judgement();
    for (const carried of carriedValuesOf(history).values) {
      const poisoned = carried.twin.poisoned;
      // Where the whole result was replaced there is nothing beside the poison.
      if (poisoned.length === 0 || poisoned.some(({ path }) => path.length === 0)) continue;
      judgement.checked();
      for (const difference of carried.differences) {
        if (difference.recipe !== undefined) continue;
        judgement.broken({
          why: `${whereabouts(carried)}: ${describe(difference)}, though no poison was put there`,
          shownBy: [carried.twin.seq, carried.seq],
          place: `${carried.road}/${carried.producer}/${placeOf(difference.path)}`,
        });
      }
      const stray = new Account(carried.account).strayFrom(poisoned);
      if (stray === undefined) continue;
      judgement.broken({
        why: `${whereabouts(carried)}: ${pathInWords(stray)}: named in the account, though no poison was put there`,
        shownBy: [carried.twin.seq, carried.seq],
        place: `${carried.road}/${carried.producer}/(account)`,
      });
    }
    return judgement.finding();
  },
};
