/** `unsure` is a finding too: it is never counted as `holds`. */
export type Verdict =
  | { readonly is: 'holds' }
  | { readonly is: 'unsure'; readonly why: string }
  | { readonly is: 'broken'; readonly violations: readonly Violation[] };

export type VerdictName = Verdict['is'];

export interface Violation {
  /** The promise, broken, in words that name user, run, agent and path. */
  readonly why: string;
  /** `seq` of the events that show it. */
  readonly shownBy: readonly number[];
  /** Where, apart from users, runs and counts: two violations of an invariant at one place are the same failure. */
  readonly place: string;
}

/** Kept apart from the verdict: whether there was anything to judge. */
export type Coverage = 'exercised' | 'not exercised' | 'not applicable' | 'skipped';

/** The worst of several: broken before unsure before holds. The worst of none is `unsure`. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const broken = verdicts.flatMap((v) => (v.is === 'broken' ? v.violations : []));
  if (broken.length > 0) return { is: 'broken', violations: broken };
  const unsure = verdicts.find((v) => v.is === 'unsure');
  if (unsure !== undefined) return unsure;
  return verdicts.length === 0 ? { is: 'unsure', why: 'nothing was judged' } : { is: 'holds' };
}
