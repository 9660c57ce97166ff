import type { ScenarioAt } from '../discover.ts';
import { HarnessError } from '../errors.ts';
import type { History } from '../history.ts';
import type { Scenario } from '../scenario.ts';
import type { DefectReference, RedisInUse, World } from '../world.ts';
import { writeEvidence } from './artifacts.ts';
import type { Examination, ExaminationRequest } from './examination.ts';
import { type ExaminationRoom, unlessInterrupted } from './examine.ts';
import { type Failure, shows, violationsOf } from './failure.ts';
import type { Counterexample, ScenarioResult } from './result.ts';
import { type Found, type SearchOptions, type SearchOutcome, search } from './search.ts';

/** A world to search in. */
export interface ExploredWorld {
  readonly name: World['name'];
  readonly redis: RedisInUse;
  room(scenario: Scenario): ExaminationRoom;
}

export interface ExploreOptions
  extends Pick<SearchOptions, 'seed' | 'budget' | 'stopAtFirst' | 'seek' | 'now' | 'signal' | 'onProgress'> {
  readonly target: ScenarioAt;
  /** Which defect stands in the pipeline; none: the pipeline as it is. */
  readonly defect?: DefectReference;
  readonly world: ExploredWorld;
  /** Where to shrink what the world found (default: in the world itself). */
  readonly shrinkIn?: ExploredWorld;
  /** Folder for case files and histories. */
  readonly out: string;
  /** What else `faultline replay` must be told. */
  readonly replayArguments?: readonly string[];
}

/** What an exploration found, beside the result that reports are made from. */
export interface Explored {
  readonly result: ScenarioResult;
  readonly outcome: SearchOutcome;
  /** The small case of each counterexample, in the order of `result.counterexamples`. */
  readonly proven: readonly Proven[];
}

/** A failure with the smallest case that shows it in the world that was searched. */
export interface Proven extends Counterexample {
  readonly found: Found;
  readonly failure: Failure;
}

/** Puts one scenario to the test in one world and writes down, small and replayable, what breaks it. */
export async function explore(options: ExploreOptions): Promise<Explored> {
  const { scenario, incident, module } = options.target;
  const room = options.world.room(scenario);
  const request: ExaminationRequest = {
    module,
    scenario: scenario.id,
    ...(options.defect === undefined ? {} : { defect: options.defect }),
    // A real play can't be had again; a simulated one can, and its history need not cross threads every time.
    keepHistory: options.world.name === 'real',
  };
  const { target: _target, world: _world, shrinkIn, ...rest } = options;
  const outcome = await search({
    ...rest,
    scenario,
    request,
    room,
    ...(shrinkIn === undefined ? {} : { shrinkIn: shrinkIn.room(scenario) }),
  });
  const proven: Proven[] = [];
  for (const found of outcome.found) {
    const proof = await unlessInterrupted(options.signal, prove(options, room, request, found));
    if (proof !== undefined) proven.push(proof);
  }
  return {
    outcome,
    proven,
    result: {
      id: scenario.id,
      incident,
      title: scenario.title,
      world: options.world.name,
      redis: options.world.redis,
      ...outcome.tally.result(),
      counterexamples: proven.map(({ caseFile, replay, violations }) => ({ caseFile, replay, violations })),
      interrupted: outcome.interrupted,
    },
  };
}

async function prove(
  options: ExploreOptions,
  room: ExaminationRoom,
  request: ExaminationRequest,
  found: Found,
): Promise<Proven> {
  const keeping = { ...request, keepHistory: true };
  const original = {
    playing: found.original,
    examination:
      found.examination.history === undefined
        ? await room.examine(found.original, keeping)
        : found.examination,
  };
  const smaller = await showing(found, () => room.examine(found.shrunk, keeping));
  const shrunk = smaller === undefined ? original : { playing: found.shrunk, examination: smaller };
  const { caseFile, replay } = await writeEvidence(options.out, {
    scenario: request.scenario,
    invariant: found.failure.invariant,
    ...(options.defect === undefined ? {} : { defect: options.defect.name }),
    ...(options.replayArguments === undefined ? {} : { replayArguments: options.replayArguments }),
    world: options.world.name,
    original: { playing: original.playing, history: historyOf(original.examination) },
    shrunk: { playing: shrunk.playing, history: historyOf(shrunk.examination) },
  });
  const violations = violationsOf(shrunk.examination);
  const first = violations.filter(({ invariant }) => invariant === found.failure.invariant);
  const others = violations.filter(({ invariant }) => invariant !== found.failure.invariant);
  return {
    caseFile,
    replay,
    violations: [...first, ...others],
    failure: found.failure,
    found: { ...found, shrunk: shrunk.playing },
  };
}

/** What was shrunk in simulation may not come at once, or at all, in the real world: three tries, then the original stands. */
async function showing(
  { failure }: Found,
  examine: () => Promise<Examination>,
): Promise<Examination | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    const examination = await examine();
    if (shows(examination, failure)) return examination;
  }
  return undefined;
}

function historyOf({ history }: Examination): History {
  if (history === undefined)
    throw new HarnessError(
      'internal',
      'an examination came without the history that was asked for',
      'Report it with the command that you ran.',
    );
  return history;
}
