import { eventsOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { pathInWords, placeOf } from './reading/differences.ts';
import { Judgement } from './reading/judgement.ts';

/** Whoever reads a result by its getters, traps and `toJSON` lets it do what it likes, and believes what it says. */
export const noForeignCodeIsRun: Invariant = {
  name: 'no-foreign-code-is-run',
  promise: 'sanitisation',
  says: 'A result is read without running code that came in it: no getter, no trap, no toJSON.',
  check(history) {
    const judgement = new Judgement();
    for (const type of ['agent-returned', 'tool-returned'] as const)
      for (const { poisoned } of eventsOf(history, type)) judgement.checked(poisoned.length);
    for (const { seq, user, run, producer, path, recipe, code } of eventsOf(history, 'foreign-code-ran')) {
      judgement.broken({
        why: `${user}'s ${run}, ${producer}: ${pathInWords(path)}: the ${code} of what was put there was run (there: ${recipe})`,
        shownBy: [seq],
        place: `code/${producer}/${placeOf(path)}`,
      });
    }
    return judgement.finding();
  },
};
