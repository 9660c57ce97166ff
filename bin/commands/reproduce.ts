import { discoverIncidents, incidentNamed } from '../../harness/discover.ts';
import { exitCodes, HarnessError } from '../../harness/errors.ts';
import { reproduce } from '../../harness/explore/reproduce.ts';
import { reproduceReportFrom } from '../../reports/from-runs.ts';
import { renderJson } from '../../reports/renderers/json.ts';
import { renderReproduceTerminal } from '../../reports/renderers/reproduce-terminal.ts';
import type { WorldChoice } from '../arguments.ts';
import { listenForInterruption } from '../interruption.ts';
import { styleOf, writeOut } from '../reporters.ts';
import { clearProgress, say, showProgress } from '../talk.ts';
import { describeWorld, openReal, openSimulated, refuseRedisInSimulation } from '../worlds.ts';
import { shrinkPlays } from './run.ts';

export interface ReproduceCommandOptions {
  readonly seed?: number;
  /** For the fix, over all scenarios of the incident. */
  readonly runs: number;
  readonly realRuns: number;
  /** Milliseconds in which cases of the fix may begin, in each world. */
  readonly time?: number;
  readonly world?: WorldChoice;
  readonly redis?: string;
  readonly json?: boolean;
  readonly out: string;
}

/** Simulated cases that finding one defect may take: each is found after a few. */
const searchRunsMost = 300;

/** Real plays of each shrunk case. */
const confirmations = 5;

/** An incident: red on each historical defect, green on the fix. Exit code 0 only if both are so. */
export async function reproduceIncident(id: string, options: ReproduceCommandOptions): Promise<void> {
  const incident = incidentNamed(await discoverIncidents(), id);
  if (options.world === 'real')
    throw new HarnessError(
      'usage',
      'defects are searched for and shrunk in simulation',
      'Use --world both to confirm what was found in the real world.',
    );
  refuseRedisInSimulation(options.world, options.redis);
  const scenarios = Math.max(1, incident.scenarios.length);
  const interruption = listenForInterruption();
  // A Redis that was asked for is a real world that was asked for.
  const wantsReal = options.world === 'both' || options.redis !== undefined;
  const real = wantsReal ? await openReal(options.redis ?? 'any', interruption.signal) : undefined;
  const simulated = openSimulated();
  try {
    for (const world of real === undefined ? [simulated] : [simulated, real]) say(describeWorld(world));
    const result = await reproduce({
      incident,
      simulated,
      ...(real === undefined ? {} : { real }),
      // Fixed, so that the command says the same every time; another seed finds other cases.
      seed: options.seed ?? 585,
      runs: Math.ceil(options.runs / scenarios),
      searchRuns: Math.min(options.runs, searchRunsMost),
      realRuns: real === undefined ? 0 : Math.ceil(options.realRuns / scenarios),
      ...(options.time === undefined ? {} : { fixMs: options.time / scenarios }),
      confirmations,
      shrinkPlays,
      out: options.out,
      now: () => performance.now(),
      signal: interruption.signal,
      onProgress: (step, { done, of, casesPerSecond }) =>
        showProgress(`${step}: ${done} of ${of} cases, ${casesPerSecond.toFixed(0)} a second`),
    });
    clearProgress();
    const report = reproduceReportFrom(result);
    await writeOut(
      options.json === true ? renderJson(report) : renderReproduceTerminal(report, styleOf(process.stdout)),
    );
    process.exitCode = result.interrupted
      ? exitCodes.interrupted
      : result.ok
        ? exitCodes.held
        : exitCodes.broken;
  } finally {
    clearProgress();
    await simulated.close();
    await real?.close();
    interruption.done();
  }
}
