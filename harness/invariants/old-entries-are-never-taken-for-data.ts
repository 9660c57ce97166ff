import type { Finding, Invariant } from '../invariant.ts';
import { worst } from '../verdict.ts';
import { cleanResultsComeBackExactly } from './clean-results-come-back-exactly.ts';
import { nothingIsLostSilently } from './nothing-is-lost-silently.ts';
import { poisonSpoilsNoSiblings } from './poison-spoils-no-siblings.ts';
import { presentVersionOf } from './reading/present-version.ts';
import { storedAndSentValuesAreClean } from './stored-and-sent-values-are-clean.ts';

/** All that sanitisation promises, of the runs that the present version answered. */
const promised = [
  storedAndSentValuesAreClean,
  nothingIsLostSilently,
  cleanResultsComeBackExactly,
  poisonSpoilsNoSiblings,
];

/**
 * Judged in the runs of the present version alone: what an older one did was its own fault, what is made of
 * that afterwards is ours. A result that comes from an old entry must be what was really returned, with a
 * true account of what is missing; one that was computed anew is judged like any other.
 */
export const oldEntriesAreNeverTakenForData: Invariant = {
  name: 'old-entries-are-never-taken-for-data',
  promise: 'sanitisation',
  says: 'What another version left in a store is read as what it is, or refused; it is never taken for data.',
  check(history) {
    const present = presentVersionOf(history);
    return together(promised.map((invariant) => invariant.check(present)));
  },
};

function together(findings: readonly Finding[]): Finding {
  const exercised = findings.filter(({ coverage }) => coverage === 'exercised');
  return {
    verdict: worst(exercised.map(({ verdict }) => verdict)),
    checked: exercised.reduce((sum, { checked }) => sum + checked, 0),
    coverage: exercised.length > 0 ? 'exercised' : 'not exercised',
  };
}
