import type { Coverage, VerdictName, Violation } from '../verdict.ts';
import type { RedisInUse, World } from '../world.ts';

/**
 * What came of putting one scenario to the test in one world: plain data, all that a report is made from.
 * One scenario judged in two worlds gives two results.
 */
export interface ScenarioResult {
  /** The scenario's id: `<incident>/<what>`. */
  readonly id: string;
  readonly incident: string;
  /** What went wrong, as a user would tell it. */
  readonly title: string;
  readonly world: World['name'];
  readonly redis: RedisInUse;
  /** Cases played and judged, without those that shrinking played. */
  readonly cases: number;
  /** One for each of the scenario's invariants, in its order, over all cases (`summarise` of the judge). */
  readonly invariants: readonly InvariantResult[];
  /** By fault name (`fail agent`): planned in the cases, fired in the histories. */
  readonly faults: readonly { readonly name: string; readonly planned: number; readonly fired: number }[];
  /** `n`: over how many observations. `value` is null where `n` is 0 and the unit is a share. */
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly unit: 'share' | 'count';
    readonly n: number;
  }[];
  readonly counterexamples: readonly Counterexample[];
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
  /** Stopped before its budget was used up: what stands here is true of the cases that were played. */
  readonly interrupted: boolean;
}

/** What one invariant found over all cases of a scenario. */
export interface InvariantResult {
  readonly name: string;
  /** The sentence in words. */
  readonly says: string;
  readonly verdict: VerdictName;
  /** For `unsure` and `broken`. */
  readonly why?: string;
  /** Things judged, in all cases together. */
  readonly checked: number;
  readonly coverage: Coverage;
}

/** A case that broke something, shrunk where there was time. */
export interface Counterexample {
  /** Path of the case file as it was written. */
  readonly caseFile: string;
  /** The one line that plays it again. */
  readonly replay: string;
  readonly violations: readonly CounterexampleViolation[];
}

/** A violation and the invariant whose it is. */
export interface CounterexampleViolation extends Violation {
  readonly invariant: string;
}
