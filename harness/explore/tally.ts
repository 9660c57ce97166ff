import type { Finding } from '../invariant.ts';
import { summarise } from '../judge.ts';
import type { Scenario } from '../scenario.ts';
import type { Examination } from './examination.ts';
import type { InvariantResult, ScenarioResult } from './result.ts';

/** Sums examinations of one scenario up, one by one, so that a long search needs no more memory than a short one. */
export class Tally {
  readonly #scenario: Scenario;
  readonly #findings = new Map<string, Finding>();
  readonly #faults = new Map<string, { planned: number; fired: number }>();
  readonly #metrics = new Map<string, { hits: number; of: number }>();
  readonly #skipped = new Map<string, { what: string; why: string }>();
  #cases = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  get cases(): number {
    return this.#cases;
  }

  add(examination: Examination): void {
    this.#cases += 1;
    for (const { invariant, finding } of examination.findings) {
      const before = this.#findings.get(invariant);
      this.#findings.set(invariant, summarise(before === undefined ? [finding] : [before, finding]));
    }
    for (const { name, planned, fired } of examination.faults) {
      const sum = this.#faults.get(name) ?? { planned: 0, fired: 0 };
      this.#faults.set(name, { planned: sum.planned + planned, fired: sum.fired + fired });
    }
    for (const { name, hits, of } of examination.metrics) {
      const sum = this.#metrics.get(name) ?? { hits: 0, of: 0 };
      this.#metrics.set(name, { hits: sum.hits + hits, of: sum.of + of });
    }
    for (const skipped of examination.skipped) this.#skipped.set(`${skipped.what}: ${skipped.why}`, skipped);
  }

  /** The worst of what was exercised; where nothing was, `unsure`. */
  verdict(): Pick<InvariantResult, 'verdict' | 'why'> {
    const exercised = this.result().invariants.filter(({ coverage }) => coverage === 'exercised');
    const worst =
      exercised.find(({ verdict }) => verdict === 'broken') ??
      exercised.find(({ verdict }) => verdict === 'unsure') ??
      exercised[0];
    if (worst === undefined) return { verdict: 'unsure', why: 'nothing was exercised' };
    return { verdict: worst.verdict, ...(worst.why === undefined ? {} : { why: worst.why }) };
  }

  /** The part of a result that is summed over cases; faults by name, the rest in the scenario's order. */
  result(): Pick<ScenarioResult, 'cases' | 'invariants' | 'faults' | 'metrics' | 'skipped'> {
    return {
      cases: this.#cases,
      invariants: this.#scenario.invariants.map(({ name, says }) => {
        const { verdict, checked, coverage } = this.#findings.get(name) ?? summarise([]);
        const why =
          verdict.is === 'unsure'
            ? verdict.why
            : verdict.is === 'broken'
              ? verdict.violations[0]?.why
              : undefined;
        return { name, says, verdict: verdict.is, ...(why === undefined ? {} : { why }), checked, coverage };
      }),
      faults: [...this.#faults]
        .map(([name, sums]) => ({ name, ...sums }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      metrics: this.#scenario.metrics.map(({ name, unit }) => {
        const { hits, of } = this.#metrics.get(name) ?? { hits: 0, of: 0 };
        return { name, value: unit === 'count' ? hits : of === 0 ? null : hits / of, unit, n: of };
      }),
      skipped: [...this.#skipped.values()],
    };
  }
}
