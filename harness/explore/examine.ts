import type { Case } from '../case.ts';
import { constraintName, faultName } from '../fault.ts';
import { eventsOf, type History } from '../history.ts';
import { hashOf } from '../history-file.ts';
import { forgetReadings } from '../invariants/reading/once.ts';
import { judge } from '../judge.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';
import type { Examination, ExaminationRequest } from './examination.ts';

/** A place where cases are played and judged: worker threads in simulation, the main thread in the real world. */
export interface ExaminationRoom {
  /** How many examinations may be under way at once. */
  readonly threads: number;
  /** Rejects with a HarnessError when the world itself fails, never because the pipeline does. */
  examine(playing: Case, request: ExaminationRequest): Promise<Examination>;
}

/** Plays one case (and its twin, where an invariant compares with it) and judges what was seen. */
export async function examineWith(
  play: (playing: Case) => Promise<History>,
  playing: Case,
  request: Pick<ExaminationRequest, 'keepHistory'>,
  scenario: Scenario,
): Promise<Examination> {
  const history = await play(playing);
  const compared = scenario.invariants.some(({ needsTwin }) => needsTwin);
  const twin = compared && scenario.twin !== undefined ? await play(scenario.twin(playing)) : undefined;
  const examination: Examination = {
    findings: judge(history, scenario.invariants, twin),
    metrics: scenario.metrics.map(({ name, measure }) => ({ name, ...measure(history) })),
    faults: faultsOf(playing, history),
    skipped: eventsOf(history, 'fault-skipped').map(({ name, why }) => ({ what: name, why })),
    events: history.events.length,
    hash: hashOf(history),
    ...(request.keepHistory ? { history, ...(twin === undefined ? {} : { twin }) } : {}),
  };
  forgetReadings(history);
  if (twin !== undefined) forgetReadings(twin);
  return examination;
}

/** A world as a room for cases of one scenario: one at a time, judged in this thread; `signal` ends a play. */
export function roomIn(world: World, scenario: Scenario, signal?: AbortSignal): ExaminationRoom {
  const ending = signal === undefined ? {} : { signal };
  return {
    threads: 1,
    examine: (playing, request) => {
      const how = {
        ...ending,
        module: request.module,
        ...(request.defect === undefined ? {} : { defect: request.defect }),
      };
      return examineWith((each) => world.play(each, how), playing, request, scenario);
    },
  };
}

/** What `examining` comes to; undefined where it failed because the signal had ended the world's plays. */
export async function unlessInterrupted<T>(
  signal: AbortSignal | undefined,
  examining: Promise<T>,
): Promise<T | undefined> {
  try {
    return await examining;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

/** What was planned to disturb the case, by name, and how much of it came about. */
function faultsOf(playing: Case, history: History): Examination['faults'] {
  const faults = [
    ...playing.faults,
    ...playing.contaminations,
    ...(playing.process ?? []),
    ...(playing.startup?.lacks ?? []),
  ];
  const fired = new Set<number>();
  const asked = new Set<number>();
  for (const event of history.events) {
    if (event.type === 'fault-fired') fired.add(event.fault);
    // One that need not hold anything up, since the order was as it asks for, has been asked all the same.
    else if (event.type === 'constraint-holds' || event.type === 'constraint-met')
      asked.add(event.constraint);
  }
  const counts = new Map<string, { name: string; planned: number; fired: number }>();
  const count = (name: string, hasFired: boolean): void => {
    const counted = counts.get(name) ?? { name, planned: 0, fired: 0 };
    counted.planned++;
    if (hasFired) counted.fired++;
    counts.set(name, counted);
  };
  faults.forEach((fault, index) => {
    count(faultName(fault), fired.has(index));
  });
  playing.schedule.forEach(({ ofWorkload }, index) => {
    if (ofWorkload !== true) count(constraintName, asked.has(index));
  });
  return [...counts.values()];
}
