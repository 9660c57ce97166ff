import { type Case, caseSchemaId } from './case.ts';
import { Director } from './director.ts';
import { Recorder } from './history.ts';
import { ManualClock } from './manual-clock.ts';
import type { ProcessFaultCarrier } from './process-fault.ts';

/** A case of one user who does nothing, with what the test plans for it, and all that directs and records it. */
export function stagedPlay(
  plan: Partial<Pick<Case, 'faults' | 'process' | 'contaminations' | 'schedule'>>,
  processes?: ProcessFaultCarrier,
) {
  const clock = new ManualClock();
  const recorder = new Recorder(() => clock.now());
  const playing: Case = {
    schema: caseSchemaId,
    scenario: 'test',
    seed: 1,
    users: [{ id: 'alice', arrivesAtMs: 0, confirms: 'all', actions: [] }],
    model: [],
    faults: [],
    contaminations: [],
    schedule: [],
    ...plan,
  };
  const director = new Director({
    playing,
    recorder,
    clock,
    ...(processes === undefined ? {} : { processes }),
  });
  return { clock, recorder, playing, director };
}
