import type { Examination } from './examination.ts';
import type { CounterexampleViolation } from './result.ts';

/** What makes two failures the same: the invariant that is broken, and the place where. */
export interface Failure {
  readonly invariant: string;
  readonly place: string;
}

/** All violations of an examination, in the order of the scenario's invariants. */
export function violationsOf(examination: Examination): CounterexampleViolation[] {
  return examination.findings.flatMap(({ invariant, finding }) =>
    finding.verdict.is === 'broken'
      ? finding.verdict.violations.map((violation) => ({ invariant, ...violation }))
      : [],
  );
}

/** Whether an examination shows this failure, whatever else it shows. */
export function shows(examination: Examination, failure: Failure): boolean {
  return violationsOf(examination).some(
    ({ invariant, place }) => invariant === failure.invariant && place === failure.place,
  );
}
