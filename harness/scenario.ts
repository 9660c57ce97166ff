import type fc from 'fast-check';
import type { Parts } from '../src/parts.ts';
import type { Case } from './case.ts';
import type { History } from './history.ts';
import type { Invariant } from './invariant.ts';

/** One way to put an incident's promise to the test. */
export interface Scenario {
  /** `<incident>/<what>`, e.g. `585/<what was contaminated>`. */
  readonly id: string;
  /** What went wrong, as a user would tell it. */
  readonly title: string;
  /** Whole cases: workload, model script, faults, contaminations and schedule, shrunk together. */
  readonly cases: fc.Arbitrary<CasePlan>;
  readonly invariants: readonly Invariant[];
  readonly metrics: readonly Metric[];
  /** The same case without the disturbance; absent where no invariant needs a twin. */
  twin?(playing: Case): Case;
}

/** A case before scenario and seed were written into it. */
export type CasePlan = Omit<Case, 'schema' | 'scenario' | 'seed'>;

/** A figure that an incident's report asks for, summed over all histories. */
export interface Metric {
  readonly name: string;
  /** `share`: hits / of. `count`: hits. `ms`: hits / of, a mean in milliseconds. */
  readonly unit: 'share' | 'count' | 'ms';
  measure(history: History): { readonly hits: number; readonly of: number };
}

/**
 * How the pipeline was broken: the old mechanism re-created as a drop-in part. It knows no invariant,
 * recipe or case.
 */
export interface Defect {
  readonly name: string;
  /** `half-fix`: a remedy that was really tried and was not enough. */
  readonly kind: 'as-reported' | 'half-fix';
  /** What it did, and how we know. */
  readonly story: string;
  /** The invariant that each of these scenarios finds broken, by the scenario's own search. */
  readonly breaks: readonly {
    readonly scenario: string;
    readonly invariant: string;
    /** How many disturbances it takes (default: one), at most where it spoils clean work (default: none). */
    readonly needs?: number;
    /** How many users it takes, where one is not enough. */
    readonly users?: number;
  }[];
  /** Scenarios that it passes. */
  readonly passes: readonly string[];
  /** It fails where nothing disturbs the pipeline, too: that is how the incident was. */
  readonly spoilsCleanWork?: true;
  parts(healthy: Parts): Parts;
}

/** One folder under `scenarios/`: `scenario.ts` and `defects.ts` have these as default exports. */
export interface Incident {
  /** The number that the folder's name begins with: `585`; the whole name where there is none. */
  readonly id: string;
  readonly folder: string;
  readonly scenarios: readonly Scenario[];
  readonly defects: readonly Defect[];
}
