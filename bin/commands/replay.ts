import { readCase } from '../../harness/case-file.ts';
import { scenariosNamed } from '../../harness/discover.ts';
import { exitCodes, HarnessError } from '../../harness/errors.ts';
import type { Examination } from '../../harness/explore/examination.ts';
import { violationsOf } from '../../harness/explore/failure.ts';
import { replay } from '../../harness/explore/replay.ts';
import { writeHistory } from '../../harness/history-file.ts';
import type { RedisInUse } from '../../harness/world.ts';
import { plain } from '../../reports/renderers/plain-text.ts';
import { marks, paints, type TerminalStyle } from '../../reports/renderers/terminal-style.ts';
import type { WorldChoice } from '../arguments.ts';
import { defectReference, incidentsWith } from '../choose.ts';
import { refuseDeterminismInReality, twiceOver } from '../determinism.ts';
import { listenForInterruption } from '../interruption.ts';
import { styleOf, writeOut } from '../reporters.ts';
import { say } from '../talk.ts';
import { describeWorld, openReal, openSimulated, refuseRedisInSimulation } from '../worlds.ts';

export interface ReplayCommandOptions {
  readonly world?: WorldChoice;
  readonly redis: string;
  readonly times: number;
  readonly defect?: string;
  readonly scenarioFile?: string;
  readonly history?: string;
  readonly checkDeterminism?: boolean;
  readonly json?: boolean;
}

/** Plays exactly one case again and judges it by its scenario's invariants. */
export async function replayCase(file: string, options: ReplayCommandOptions): Promise<void> {
  const isReal = wantsReal(options);
  const playing = await readCase(file);
  const incidents = await incidentsWith(options.scenarioFile);
  const [target] = scenariosNamed(incidents, playing.scenario);
  if (target === undefined)
    throw new HarnessError('internal', `${playing.scenario} was not found`, 'Report it.');
  const defect = options.defect === undefined ? undefined : defectReference(incidents, options.defect);
  const interruption = listenForInterruption();
  const world = isReal ? await openReal(options.redis, interruption.signal) : openSimulated();
  try {
    say(describeWorld(world));
    const { k, n, examinations } = await replay({
      playing,
      room: (options.checkDeterminism === true ? twiceOver(world) : world).room(target.scenario),
      request: {
        module: target.module,
        scenario: target.scenario.id,
        ...(defect === undefined ? {} : { defect }),
      },
      times: Math.max(1, options.times),
      signal: interruption.signal,
    });
    const failing = examinations.find((each) => violationsOf(each).length > 0) ?? examinations.at(-1);
    if (failing === undefined) {
      process.exitCode = exitCodes.interrupted;
      return;
    }
    if (options.history !== undefined && failing.history !== undefined) {
      await writeHistory(options.history, failing.history);
      say(`history: ${options.history}`);
    }
    const { scenario, seed } = playing;
    const replayed: Replayed = { scenario, seed, world: world.name, redis: world.redis, k, n, failing };
    await writeOut(
      options.json === true
        ? JSON.stringify(replayJson(replayed), null, 2)
        : replayText(replayed, styleOf(process.stdout)),
    );
    process.exitCode = k > 0 ? exitCodes.broken : exitCodes.held;
  } finally {
    await world.close();
    interruption.done();
  }
}

/** A Redis that was asked for is a real world that was asked for. */
function wantsReal({ world, redis, checkDeterminism }: ReplayCommandOptions): boolean {
  if (world === 'both')
    throw new HarnessError(
      'usage',
      'a case is replayed in one world',
      'Use --world simulated or --world real.',
    );
  refuseRedisInSimulation(world, redis);
  const isReal = world === 'real' || redis !== 'any';
  refuseDeterminismInReality(checkDeterminism, isReal);
  return isReal;
}

/** What came of it; `failing` is the play that is shown: the first that failed, or else the last. */
export interface Replayed {
  readonly scenario: string;
  readonly seed: number;
  readonly world: string;
  readonly redis: RedisInUse;
  readonly k: number;
  readonly n: number;
  readonly failing: Examination;
}

/** For machines. */
export function replayJson({ failing, ...replayed }: Replayed): object {
  const { hash, faults, skipped } = failing;
  const violations = violationsOf(failing);
  return { schema: 'faultline.replay/1', ...replayed, hash, violations, faults, skipped };
}

/** For people: a verdict on a case of which something was not carried out says so. */
export function replayText({ k, n, failing }: Replayed, style: TerminalStyle): string {
  const paint = paints(style);
  const verdict = k > 0 ? 'broken' : 'holds';
  const planned = failing.faults.reduce((sum, fault) => sum + fault.planned, 0);
  const fired = failing.faults.reduce((sum, fault) => sum + fault.fired, 0);
  return [
    paint.verdict(
      verdict,
      `${marks[verdict]} ${k > 0 ? `broken in ${k} of ${n} plays` : `holds in ${n} of ${n} plays`}`,
    ),
    ...violationsOf(failing).map(
      ({ invariant, why, shownBy }) =>
        `  ${invariant}: ${plain(why)} (events ${shownBy.slice(0, 8).join(', ')})`,
    ),
    ...(planned > 0 ? [`  ${fired} of ${planned} planned faults fired`] : []),
    ...failing.skipped.map(({ what, why }) => `  skipped: ${plain(what)} (${plain(why)})`),
    paint.dim(`  ${failing.events} events, sha-256 ${failing.hash}`),
  ].join('\n');
}
