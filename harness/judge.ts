import type { History } from './history.ts';
import type { Finding, Invariant } from './invariant.ts';
import type { Violation } from './verdict.ts';

export interface Judged {
  readonly invariant: string;
  readonly finding: Finding;
}

/**
 * What each invariant finds in a history, in the order of the invariants. One that throws is `unsure`, never
 * `holds`; so is one that needs a twin where there is none.
 */
export function judge(history: History, invariants: readonly Invariant[], twin?: History): Judged[] {
  return invariants.map((invariant) => ({
    invariant: invariant.name,
    finding: findingOf(invariant, history, twin),
  }));
}

/**
 * One invariant over several cases: the worst verdict of those in which there was something to judge, and
 * all that was checked. Of violations the first at each place is kept. Sums of sums are sums.
 */
export function summarise(findings: readonly Finding[]): Finding {
  const checked = findings.reduce((sum, finding) => sum + finding.checked, 0);
  const exercised = findings.filter(({ coverage }) => coverage === 'exercised');
  const first = exercised[0] ?? findings[0];
  if (first === undefined) return nothing('nothing was judged', 'not exercised');
  if (exercised.length === 0) return { ...first, checked };
  const violations = new Map<string, Violation>();
  for (const { verdict } of exercised) {
    if (verdict.is !== 'broken') continue;
    for (const violation of verdict.violations) {
      if (violations.size >= placesMax) break;
      if (!violations.has(violation.place)) violations.set(violation.place, violation);
    }
  }
  if (violations.size > 0)
    return {
      verdict: { is: 'broken', violations: [...violations.values()] },
      checked,
      coverage: 'exercised',
    };
  const unsure = exercised.find(({ verdict }) => verdict.is === 'unsure');
  return { verdict: unsure?.verdict ?? { is: 'holds' }, checked, coverage: 'exercised' };
}

/** Places kept of one invariant: a report names a few, and a target that breaks everywhere has thousands. */
const placesMax = 100;

function findingOf(invariant: Invariant, history: History, twin: History | undefined): Finding {
  if (invariant.needsTwin === true && twin === undefined)
    return nothing('it compares with an undisturbed play, and there is none', 'skipped');
  try {
    return twin === undefined ? invariant.check(history) : invariant.check(history, twin);
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : typeof thrown;
    // Counted as exercised, or a summary over many cases would leave it out.
    return nothing(`the invariant itself failed (${name})`, 'exercised');
  }
}

function nothing(why: string, coverage: Finding['coverage']): Finding {
  return { verdict: { is: 'unsure', why }, checked: 0, coverage };
}
