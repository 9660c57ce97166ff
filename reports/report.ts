import { z } from 'zod';

/**
 * A report before it is a page: plain, versioned data. Renderers see nothing else. Texts in it may come from
 * a target, and are as they came: whoever shows them cleans them for the place where they are shown.
 */
export const reportSchemaId = 'faultline.report/1';
export const reproduceSchemaId = 'faultline.reproduce/1';

const verdict = z.enum(['holds', 'unsure', 'broken']);
const count = z.number().int().min(0);

const redis = z.strictObject({
  kind: z.enum(['simulated', 'url', 'container', 'process', 'embedded']),
  version: z.string(),
});

const worldName = z.enum(['simulated', 'real']);

const violation = z.strictObject({
  invariant: z.string(),
  why: z.string(),
  /** `seq` of the events of the case's history that show it. */
  shownBy: z.array(count),
  /** Where, apart from users, runs and counts. */
  place: z.string(),
});

const invariant = z.strictObject({
  name: z.string(),
  /** The sentence in words. */
  says: z.string(),
  verdict,
  /** For `unsure` and `broken`. */
  why: z.string().exactOptional(),
  /** Things judged, in all cases together. */
  checked: count,
  coverage: z.enum(['exercised', 'not exercised', 'not applicable', 'skipped']),
});

const scenario = z.strictObject({
  id: z.string(),
  incident: z.string(),
  title: z.string(),
  world: worldName,
  /** Cases played and judged. */
  cases: count,
  /** The worst over the invariants that were exercised; `unsure` where none was. */
  verdict,
  invariants: z.array(invariant),
  faults: z.array(z.strictObject({ name: z.string(), planned: count, fired: count })),
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      /** Null for a share or a mean of nothing. */
      value: z.number().nullable(),
      unit: z.enum(['share', 'count', 'ms']),
      n: count,
    }),
  ),
  counterexamples: z.array(
    z.strictObject({ caseFile: z.string(), replay: z.string(), violations: z.array(violation) }),
  ),
  skipped: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  /** Stopped before its budget was used up. */
  interrupted: z.boolean(),
});

export const reportSchema = z.strictObject({
  schema: z.literal(reportSchemaId),
  /** Of faultline. */
  version: z.string(),
  /** Of the code under test; null where there is none to name. */
  commit: z.string().nullable(),
  /** ISO-8601, UTC. */
  startedAt: z.string(),
  seed: z.number().int(),
  worlds: z.array(z.strictObject({ name: worldName, redis })),
  scenarios: z.array(scenario),
  /** Of the incidents that were played, those whose defects there are to be shown. */
  reproducible: z.array(z.string()).exactOptional(),
  /** The worst of the scenarios; `unsure` where none was played. */
  verdict,
  /** Interrupted: what stands here is true of what was played. */
  partial: z.boolean(),
});

const defect = z.strictObject({
  name: z.string(),
  kind: z.enum(['as-reported', 'half-fix']),
  verdict,
  scenario: z.string(),
  /** The invariant that the defect says it breaks. */
  expected: z.string(),
  /** The invariants that were found broken. */
  broken: z.array(z.string()),
  why: z.string().exactOptional(),
  casesUntilFound: count.nullable(),
  caseFile: z.string().nullable(),
  /** The shrunk case in words. */
  shrunk: z.array(z.string()),
  replay: z.string().nullable(),
  /** In the real world: the same failure in `k` of `n` plays; null where none was asked for. */
  confirmed: z.strictObject({ k: count, n: count }).nullable(),
  /** Scenarios that the defect says it passes, and that found it all the same. */
  spoils: z.array(z.string()).exactOptional(),
});

export const reproduceSchema = z.strictObject({
  schema: z.literal(reproduceSchemaId),
  incident: z.string(),
  title: z.string(),
  world: worldName,
  redis,
  fixed: z.strictObject({
    verdict,
    why: z.string().exactOptional(),
    cases: count,
    realCases: count,
    /** The smallest case that breaks the pipeline as it is: in words, and how to play it again. */
    counterexample: z.strictObject({ shrunk: z.array(z.string()), replay: z.string() }).exactOptional(),
  }),
  defects: z.array(defect),
  /** Every defect was caught by the invariant that it names, and the fix holds. */
  ok: z.boolean(),
  /** Interrupted: what stands here is true of what was played. */
  partial: z.boolean(),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportedScenario = Report['scenarios'][number];
export type ReportedInvariant = ReportedScenario['invariants'][number];
export type ReportedVerdict = Report['verdict'];
export type ReproduceReport = z.infer<typeof reproduceSchema>;
export type ReportedDefect = ReproduceReport['defects'][number];

/** The worst of these; of none: `unsure`. */
export function worstOf(verdicts: readonly ReportedVerdict[]): ReportedVerdict {
  if (verdicts.includes('broken')) return 'broken';
  return verdicts.length === 0 || verdicts.includes('unsure') ? 'unsure' : 'holds';
}
