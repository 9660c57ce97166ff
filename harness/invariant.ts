import type { History } from './history.ts';
import type { Coverage, Verdict } from './verdict.ts';

/**
 * A sentence that is true of every healthy history. Pure and linear (or n log n) in the history's length:
 * the same history gives the same finding, in any world, years later. It knows no world, no pipeline and
 * no generator, and may read fault events as data.
 */
export interface Invariant {
  /** The sentence as a file name: `every-accepted-run-ends`. */
  readonly name: string;
  readonly promise:
    | 'sanitisation'
    | 'delivery'
    | 'justified refusal'
    | 'isolation'
    | 'restart'
    | 'truth'
    | 'startup'
    | 'handshake'
    | 'errors'
    | 'bounds';
  /** The sentence in words, for reports. */
  readonly says: string;
  /** `twin`: the history of the same case without the disturbance, for invariants that set `needsTwin`. */
  readonly needsTwin?: boolean;
  check(history: History, twin?: History): Finding;
}

export interface Finding {
  readonly verdict: Verdict;
  /** How many things were judged; with 0 the coverage is not `exercised` and the verdict says nothing. */
  readonly checked: number;
  readonly coverage: Coverage;
}
