import type { ReproduceResult, ScenarioResult } from '../harness/explore/result.ts';
import type { RedisInUse, World } from '../harness/world.ts';
import {
  type Report,
  type ReportedScenario,
  type ReproduceReport,
  reportSchemaId,
  reproduceSchemaId,
  worstOf,
} from './report.ts';

/** What a report says beside its results. */
export interface Occasion {
  /** Of faultline. */
  readonly version: string;
  /** Of the code under test; null where there is none to name. */
  readonly commit: string | null;
  /** ISO-8601, UTC. */
  readonly startedAt: string;
  readonly seed: number;
  /** The worlds that stood ready, played in or not. */
  readonly worlds: readonly { readonly name: World['name']; readonly redis: RedisInUse }[];
  /** Incidents that have defects, played or not. */
  readonly reproducible?: readonly string[];
  /** Stopped before all scenarios had their turn. */
  readonly interrupted?: boolean;
}

/** The results of scenarios as a report. */
export function reportFrom(occasion: Occasion, results: readonly ScenarioResult[]): Report {
  const { version, commit, startedAt, seed, worlds } = occasion;
  const scenarios = results.map(scenarioFrom);
  return {
    schema: reportSchemaId,
    version,
    commit,
    startedAt,
    seed,
    worlds: worlds.map(({ name, redis }) => ({ name, redis: { kind: redis.kind, version: redis.version } })),
    scenarios,
    ...(occasion.reproducible === undefined ? {} : { reproducible: played(occasion.reproducible, results) }),
    verdict: worstOf(scenarios.map(({ verdict }) => verdict)),
    partial: occasion.interrupted === true || results.some(({ interrupted }) => interrupted),
  };
}

function played(incidents: readonly string[], results: readonly ScenarioResult[]): string[] {
  return incidents.filter((id) => results.some(({ incident }) => incident === id));
}

/** What came of reproducing an incident as a report. */
export function reproduceReportFrom(result: ReproduceResult): ReproduceReport {
  const { incident, title, world, redis, defects, ok, interrupted } = result;
  const { counterexample, ...fixed } = result.fixed;
  return {
    schema: reproduceSchemaId,
    incident,
    title,
    world,
    redis: { kind: redis.kind, version: redis.version },
    fixed: {
      ...fixed,
      ...(counterexample === undefined
        ? {}
        : { counterexample: { shrunk: [...counterexample.shrunk], replay: counterexample.replay } }),
    },
    defects: defects.map(({ spoils, ...defect }) => ({
      ...defect,
      broken: [...defect.broken],
      shrunk: [...defect.shrunk],
      confirmed: defect.confirmed === null ? null : { ...defect.confirmed },
      ...(spoils === undefined ? {} : { spoils: [...spoils] }),
    })),
    ok,
    partial: interrupted,
  };
}

function scenarioFrom(result: ScenarioResult): ReportedScenario {
  const exercised = result.invariants.filter(({ coverage }) => coverage === 'exercised');
  return {
    id: result.id,
    incident: result.incident,
    title: result.title,
    world: result.world,
    cases: result.cases,
    verdict: worstOf(exercised.map(({ verdict }) => verdict)),
    invariants: result.invariants.map((invariant) => ({ ...invariant })),
    faults: result.faults.map((fault) => ({ ...fault })),
    metrics: result.metrics.map((metric) => ({ ...metric })),
    counterexamples: result.counterexamples.map(({ caseFile, replay, violations }) => ({
      caseFile,
      replay,
      violations: violations.map((violation) => ({ ...violation, shownBy: [...violation.shownBy] })),
    })),
    skipped: result.skipped.map((skipped) => ({ ...skipped })),
    interrupted: result.interrupted,
  };
}
