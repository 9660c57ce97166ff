import { readCase } from '../../harness/case-file.ts';
import { scenariosNamed } from '../../harness/discover.ts';
import { exitCodes, HarnessError } from '../../harness/errors.ts';
import { violationsOf } from '../../harness/explore/failure.ts';
import { replay } from '../../harness/explore/replay.ts';
import { writeHistory } from '../../harness/history-file.ts';
import { plain } from '../../reports/renderers/plain-text.ts';
import { marks, paints } from '../../reports/renderers/terminal-style.ts';
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
    const violations = violationsOf(failing);
    if (options.json === true) {
      const { name, redis } = world;
      await writeOut(
        JSON.stringify(
          {
            schema: 'faultline.replay/1',
            scenario: playing.scenario,
            seed: playing.seed,
            world: name,
            redis,
            k,
            n,
            hash: failing.hash,
            violations,
          },
          null,
          2,
        ),
      );
    } else {
      await writeOut(describe({ k, n, hash: failing.hash, events: failing.events, violations }));
    }
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

function describe(played: {
  k: number;
  n: number;
  hash: string;
  events: number;
  violations: ReturnType<typeof violationsOf>;
}): string {
  const paint = paints(styleOf(process.stdout));
  const verdict = played.k > 0 ? 'broken' : 'holds';
  return [
    paint.verdict(
      verdict,
      `${marks[verdict]} ${played.k > 0 ? `broken in ${played.k} of ${played.n} plays` : `holds in ${played.n} of ${played.n} plays`}`,
    ),
    ...played.violations.map(
      ({ invariant, why, shownBy }) =>
        `  ${invariant}: ${plain(why)} (events ${shownBy.slice(0, 8).join(', ')})`,
    ),
    paint.dim(`  ${played.events} events, sha-256 ${played.hash}`),
  ].join('\n');
}
