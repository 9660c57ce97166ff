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
  /** `n`: over how many observations. `value` is null where `n` is 0 and the unit is no count. */
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly unit: 'share' | 'count' | 'ms';
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

/** What came of reproducing one incident: each historical defect, then the pipeline as it is. */
export interface ReproduceResult {
  readonly incident: string;
  /** The title of its first scenario. */
  readonly title: string;
  /** `real` where cases were confirmed in the real world, else `simulated`. */
  readonly world: World['name'];
  readonly redis: RedisInUse;
  readonly defects: readonly DefectResult[];
  /** The pipeline as it is, over all of the incident's scenarios. */
  readonly fixed: FixedResult;
  /** Every defect was caught by the invariant that it names, and the fix holds. */
  readonly ok: boolean;
  readonly interrupted: boolean;
}

export interface FixedResult {
  readonly verdict: VerdictName;
  /** For `unsure` and `broken`. */
  readonly why?: string;
  /** All cases, of which `realCases` in the real world. */
  readonly cases: number;
  readonly realCases: number;
  /** The smallest case that breaks the pipeline as it is, where one was found: in words, and how to play it again. */
  readonly counterexample?: { readonly shrunk: readonly string[]; readonly replay: string };
}

/** One defect put to the test in the scenario that it names. */
export interface DefectResult {
  readonly name: string;
  readonly kind: 'as-reported' | 'half-fix';
  readonly verdict: VerdictName;
  readonly scenario: string;
  /** The invariant that the defect says it breaks. */
  readonly expected: string;
  /** Names of the invariants that were found broken. */
  readonly broken: readonly string[];
  /** The expected invariant's violation in words. */
  readonly why?: string;
  readonly casesUntilFound: number | null;
  readonly caseFile: string | null;
  /** The shrunk case, a few words a line: `alice asks run-1`, `data throws`. */
  readonly shrunk: readonly string[];
  readonly replay: string | null;
  /** In the real world: the same failure in `k` of `n` plays; null where none was asked for. */
  readonly confirmed: { readonly k: number; readonly n: number } | null;
  /** Scenarios that the defect says it passes, and that found it all the same. */
  readonly spoils?: readonly string[];
}
