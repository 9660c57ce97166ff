import type { Invariant } from '../invariant.ts';
import { presentVersionOf } from './reading/present-version.ts';

/** The same invariant, judged in what the present version of the pipeline did; others had their own faults. */
export function ofThePresentVersion(invariant: Invariant): Invariant {
  return {
    ...invariant,
    name: `${invariant.name}-in-the-present-version`,
    check: (history) => invariant.check(presentVersionOf(history)),
  };
}
