import { expect, it } from 'vitest';
import type { Case } from '../case.ts';
import type { ScheduleConstraint } from '../fault.ts';
import { Recorder } from '../history.ts';
import { examineWith } from './examine.ts';
import { toyScenario } from './toy.fixture.ts';

const order: ScheduleConstraint = {
  hold: { wire: 'redis', run: 'run-1' },
  until: { wire: 'redis', run: 'run-2' },
  atMostMs: 100,
};
const late = { at: { wire: 'model', run: 'run-1' }, fate: { do: 'delay', ms: 5 } } as const;

it('counts what was planned and what came about, each by its name', async () => {
  const { faults } = await examineWith(
    async () => {
      const recorder = new Recorder(() => 0);
      recorder.record({
        type: 'fault-fired',
        actor: 'faults',
        fault: 1,
        name: 'delay model',
        fate: { ...late.fate },
      });
      recorder.record({ type: 'constraint-holds', actor: 'faults', constraint: 0, atMostMs: 100 });
      recorder.record({ type: 'constraint-met', actor: 'faults', constraint: 1 });
      recorder.record({ type: 'constraint-met', actor: 'faults', constraint: 2 });
      return recorder.history();
    },
    // The first shapes what is played: it disturbs nothing.
    playing([{ ...order, ofWorkload: true }, order, order, order]),
    {},
    { ...toyScenario, invariants: [] },
  );
  expect(faults).toEqual([
    { name: 'delay model', planned: 2, fired: 1 },
    { name: 'keep-order', planned: 3, fired: 2 },
  ]);
});

function playing(schedule: Case['schedule']): Case {
  return {
    schema: 'faultline.case/1',
    scenario: toyScenario.id,
    seed: 1,
    users: [],
    model: [],
    faults: [late, late],
    contaminations: [],
    schedule,
  };
}
