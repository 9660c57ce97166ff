import type { FoundIncident, ScenarioAt } from '../discover.ts';
import { HarnessError } from '../errors.ts';
import type { Defect } from '../scenario.ts';
import type { DefectReference } from '../world.ts';
import { describeCase } from './describe-case.ts';
import { type Explored, type ExploredWorld, type ExploreOptions, explore, type Proven } from './explore.ts';
import { replay } from './replay.ts';
import type { DefectResult, FixedResult, ReproduceResult } from './result.ts';
import type { Progress } from './search.ts';

export interface ReproduceOptions
  extends Pick<ExploreOptions, 'seed' | 'out' | 'now' | 'signal' | 'replayArguments'> {
  readonly incident: FoundIncident;
  /** Where defects are searched for and shrunk. */
  readonly simulated: ExploredWorld;
  /** Where what was found is confirmed, and the fix held against it too. */
  readonly real?: ExploredWorld;
  /** Simulated cases for the fix and each scenario. */
  readonly runs: number;
  /** Simulated cases: at most so many to find each defect, and as many for each scenario that it passes (`runs`). */
  readonly searchRuns?: number;
  /** Real cases for the fix and each scenario. */
  readonly realRuns: number;
  /** Milliseconds after which no case of the fix is begun, for each scenario and world. */
  readonly fixMs?: number;
  /** Real plays of each shrunk case. */
  readonly confirmations: number;
  readonly shrinkPlays: number;
  readonly onProgress?: (step: string, progress: Progress) => void;
}

/**
 * Red on each historical defect, green on the pipeline as it is: each defect is searched for in the scenario
 * that it names, until the invariant that it names is found broken; shrunk, written, and confirmed in the
 * real world where there is one. A scenario that a defect says it passes must not find it.
 */
export async function reproduce(options: ReproduceOptions): Promise<ReproduceResult> {
  if (options.incident.defects.length === 0)
    throw new HarnessError(
      'usage',
      `${options.incident.id} re-creates no incident: there is nothing to reproduce`,
      `Run it: faultline run ${options.incident.id}.`,
    );
  const defects: DefectResult[] = [];
  for (const { name, breaks } of options.incident.defects) {
    if (breaks.length > 0) continue;
    throw new HarnessError(
      'usage',
      `the defect ${name} of incident ${options.incident.id} names no invariant that it breaks`,
      `Say in ${options.incident.defectsModule ?? 'its defects'} which invariant finds it, and in which scenario.`,
    );
  }
  for (const defect of options.incident.defects) {
    const spoils = await spoiledBy(options, defect);
    for (const expected of defect.breaks) {
      if (options.signal?.aborted) break;
      defects.push(await putToTest(options, defect, expected, spoils));
    }
  }
  const fixed = await putFixToTest(options);
  const interrupted = options.signal?.aborted ?? false;
  return {
    incident: options.incident.id,
    title: options.incident.scenarios[0]?.title ?? options.incident.id,
    world: (options.real ?? options.simulated).name,
    redis: (options.real ?? options.simulated).redis,
    defects,
    fixed,
    ok: !interrupted && defects.length > 0 && defects.every(isCaught) && fixed.verdict === 'holds',
    interrupted,
  };
}

/** Caught by the invariant that it names, in the real world too where that was asked, and by no scenario that it passes. */
function isCaught({ expected, broken, confirmed, spoils }: DefectResult): boolean {
  return (
    broken.includes(expected) &&
    (confirmed === null || confirmed.k > 0) &&
    (spoils === undefined || spoils.length === 0)
  );
}

async function putToTest(
  options: ReproduceOptions,
  defect: Defect,
  { scenario, invariant }: Defect['breaks'][number],
  spoils: readonly string[],
): Promise<DefectResult> {
  const target = scenarioIn(options.incident, scenario);
  const reference = referenceTo(options.incident, defect);
  const explored = await exploring(options, options.simulated, `${defect.name} in ${scenario}`, target, {
    defect: reference,
    seek: invariant,
    stopAtFirst: true,
    runs: options.searchRuns ?? options.runs,
  });
  const [proven] = explored.proven;
  const { verdict } = explored.outcome.tally.verdict();
  return {
    name: defect.name,
    kind: defect.kind,
    verdict: proven === undefined ? verdict : 'broken',
    scenario,
    expected: invariant,
    broken: explored.outcome.broken,
    ...(proven?.violations[0] === undefined ? {} : { why: proven.violations[0].why }),
    casesUntilFound: proven?.found.casesUntilFound ?? null,
    caseFile: proven?.caseFile ?? null,
    shrunk: proven === undefined ? [] : describeCase(proven.found.shrunk),
    replay: proven?.replay ?? null,
    confirmed: proven === undefined ? null : await confirm(options, target, reference, proven),
    ...(spoils.length === 0 ? {} : { spoils }),
  };
}

/** `k` of `n` real plays of the shrunk case failed in the same way; null without a real world. */
async function confirm(
  { real, confirmations, signal }: ReproduceOptions,
  { scenario, module }: ScenarioAt,
  defect: DefectReference,
  { failure, found }: Proven,
): Promise<DefectResult['confirmed']> {
  if (real === undefined) return null;
  const { k, n } = await replay({
    playing: found.shrunk,
    room: real.room(scenario),
    request: { module, scenario: scenario.id, defect },
    times: confirmations,
    failure,
    ...(signal === undefined ? {} : { signal }),
  });
  return { k, n };
}

/** Scenarios that the defect says it passes, and does not. */
async function spoiledBy(options: ReproduceOptions, defect: Defect): Promise<string[]> {
  const spoiled: string[] = [];
  for (const scenario of defect.passes) {
    if (options.signal?.aborted) break;
    const { outcome } = await exploring(
      options,
      options.simulated,
      `${defect.name} passes ${scenario}`,
      scenarioIn(options.incident, scenario),
      {
        defect: referenceTo(options.incident, defect),
        stopAtFirst: true,
        runs: options.searchRuns ?? options.runs,
      },
    );
    if (outcome.broken.length > 0) spoiled.push(scenario);
  }
  return spoiled;
}

async function putFixToTest(options: ReproduceOptions): Promise<FixedResult> {
  const { incident, simulated, real } = options;
  const findings: Pick<FixedResult, 'verdict' | 'why' | 'counterexample'>[] = [];
  let cases = 0;
  let realCases = 0;
  for (const scenario of incident.scenarios) {
    const target = scenarioIn(incident, scenario.id);
    for (const [world, runs] of [
      [simulated, options.runs],
      [real, options.realRuns],
    ] as const) {
      if (world === undefined || runs === 0 || options.signal?.aborted) continue;
      const step = `the fix in ${scenario.id}${world === real ? ', for real' : ''}`;
      const { outcome, proven } = await exploring(options, world, step, target, {
        runs,
        ms: options.fixMs,
      });
      const [first] = proven;
      findings.push({
        ...outcome.tally.verdict(),
        ...(first === undefined
          ? {}
          : { counterexample: { shrunk: describeCase(first.found.shrunk), replay: first.replay } }),
      });
      cases += outcome.tally.cases;
      if (world === real) realCases += outcome.tally.cases;
    }
  }
  const worst =
    findings.find(({ verdict }) => verdict === 'broken') ??
    findings.find(({ verdict }) => verdict === 'unsure') ??
    (findings.length > 0
      ? { verdict: 'holds' as const }
      : { verdict: 'unsure' as const, why: 'nothing was played' });
  return { ...worst, cases, realCases };
}

function exploring(
  options: ReproduceOptions,
  world: ExploredWorld,
  step: string,
  target: ScenarioAt,
  {
    runs,
    ms,
    ...what
  }: Pick<ExploreOptions, 'defect' | 'seek' | 'stopAtFirst'> & {
    readonly runs: number;
    readonly ms?: number | undefined;
  },
): Promise<Explored> {
  const { seed, out, now, signal, replayArguments, onProgress } = options;
  return explore({
    target,
    world,
    ...(world === options.simulated ? {} : { shrinkIn: options.simulated }),
    seed,
    out,
    now,
    budget: { runs, shrinkPlays: options.shrinkPlays, ...(ms === undefined ? {} : { ms }) },
    ...what,
    ...(signal === undefined ? {} : { signal }),
    ...(replayArguments === undefined ? {} : { replayArguments }),
    ...(onProgress === undefined ? {} : { onProgress: (progress) => onProgress(step, progress) }),
  });
}

function scenarioIn(incident: FoundIncident, id: string): ScenarioAt {
  const scenario = incident.scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined)
    throw new HarnessError(
      'usage',
      `a defect of incident ${incident.id} names the scenario ${id}, which the incident does not have`,
      `Name one of ${incident.scenarios.map((each) => each.id).join(', ')} in ${incident.defectsModule ?? 'its defects'}.`,
    );
  return { scenario, incident: incident.id, module: incident.scenarioModule };
}

function referenceTo(incident: FoundIncident, { name }: Defect): DefectReference {
  return { module: incident.defectsModule ?? incident.scenarioModule, name };
}
