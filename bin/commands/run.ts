import { randomInt } from 'node:crypto';
import { discoverIncidents } from '../../harness/discover.ts';
import { exitCodes } from '../../harness/errors.ts';
import { explore } from '../../harness/explore/explore.ts';
import type { ScenarioResult } from '../../harness/explore/result.ts';
import { reportFrom } from '../../reports/from-runs.ts';
import type { Report } from '../../reports/report.ts';
import type { WorldChoice } from '../arguments.ts';
import { type Chosen, chooseScenarios, defectReference, incidentsWith } from '../choose.ts';
import { refuseDeterminismInReality, twiceOver } from '../determinism.ts';
import { listenForInterruption } from '../interruption.ts';
import { type ReporterOptions, reportersFrom, writeReports } from '../reporters.ts';
import { clearProgress, say, showProgress } from '../talk.ts';
import { commit, version } from '../version.ts';
import {
  describeWorld,
  type OpenWorld,
  openReal,
  openSimulated,
  refuseRedisInSimulation,
} from '../worlds.ts';

export interface RunOptions extends ReporterOptions {
  readonly seed?: number;
  readonly runs: number;
  readonly realRuns: number;
  readonly time?: number;
  readonly world: WorldChoice;
  readonly redis: string;
  readonly grep?: string;
  readonly bail?: boolean;
  readonly defect?: string;
  readonly checkDeterminism?: boolean;
  readonly out: string;
}

/** Plays that shrinking one counterexample may cost. */
export const shrinkPlays = 400;

/** Judges the reference pipeline by the chosen scenarios; the exit code tells the verdict. */
export async function run(names: readonly string[], options: RunOptions): Promise<void> {
  const reporters = reportersFrom(options);
  refuseRedisInSimulation(options.world, options.redis);
  refuseDeterminismInReality(options.checkDeterminism, options.world === 'real');
  const chosen = await chooseScenarios(names, options.grep);
  const defect =
    options.defect === undefined
      ? undefined
      : defectReference(
          await incidentsWith(chosen.find(({ file }) => file !== undefined)?.file),
          options.defect,
        );
  const seed = options.seed ?? randomInt(2 ** 31);
  const startedAt = new Date().toISOString();
  const interruption = listenForInterruption();
  const worlds = await openWorlds(options, interruption.signal);
  const results: ScenarioResult[] = [];
  try {
    say(`seed ${seed}`);
    for (const world of worlds) say(describeWorld(world));
    for (const one of chosen) {
      for (const world of worlds) {
        if (interruption.signal.aborted || (options.bail === true && anyBroken(results))) continue;
        const played =
          options.checkDeterminism === true && world.name === 'simulated' ? twiceOver(world) : world;
        results.push(
          await exploreOne(one, { ...options, seed }, played, worlds, defect, interruption.signal),
        );
      }
    }
  } finally {
    clearProgress();
    for (const world of worlds) await world.close();
    interruption.done();
  }
  const report = reportFrom(
    {
      version: version(),
      commit: commit(),
      startedAt,
      seed,
      worlds,
      reproducible: (await discoverIncidents())
        .filter(({ defects }) => defects.length > 0)
        .map(({ id }) => id),
      interrupted: interruption.signal.aborted,
    },
    results,
  );
  await writeReports(report, reporters);
  process.exitCode = exitCodeOf(report);
}

async function openWorlds(options: RunOptions, signal: AbortSignal): Promise<OpenWorld[]> {
  const wanted = options.world;
  const real = wanted === 'simulated' ? [] : [await openReal(options.redis, signal)];
  return wanted === 'real' ? real : [openSimulated(), ...real];
}

async function exploreOne(
  chosen: Chosen,
  options: RunOptions & { readonly seed: number },
  world: OpenWorld,
  worlds: readonly OpenWorld[],
  defect: ReturnType<typeof defectReference> | undefined,
  signal: AbortSignal,
): Promise<ScenarioResult> {
  const simulated = worlds.find(({ name }) => name === 'simulated');
  const { result } = await explore({
    target: chosen,
    world,
    ...(world.name === 'real' && simulated !== undefined ? { shrinkIn: simulated } : {}),
    ...(defect === undefined ? {} : { defect }),
    seed: options.seed,
    budget: {
      runs: world.name === 'real' ? options.realRuns : options.runs,
      shrinkPlays: world.name === 'real' && simulated === undefined ? 40 : shrinkPlays,
      ...(options.time === undefined ? {} : { ms: options.time }),
    },
    stopAtFirst: options.bail === true,
    out: options.out,
    now: () => performance.now(),
    signal,
    ...(chosen.file === undefined ? {} : { replayArguments: ['--scenario-file', chosen.file] }),
    onProgress: ({ done, of, casesPerSecond, failing }) =>
      showProgress(
        `${chosen.scenario.id} in the ${world.name} world: ${done} of ${of} cases, ${casesPerSecond.toFixed(0)} a second${failing > 0 ? `, ${failing} failing` : ''}`,
      ),
  });
  clearProgress();
  return result;
}

function anyBroken(results: readonly ScenarioResult[]): boolean {
  return results.some(({ counterexamples }) => counterexamples.length > 0);
}

/** Unsure is not good enough: what was asked to be judged was not. */
function exitCodeOf({ verdict, partial }: Report): number {
  if (verdict === 'broken') return exitCodes.broken;
  if (partial) return exitCodes.interrupted;
  return verdict === 'holds' ? exitCodes.held : exitCodes.broken;
}
