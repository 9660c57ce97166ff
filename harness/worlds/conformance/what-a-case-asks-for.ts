import { expect, it } from 'vitest';
import { eventsOf } from '../../history.ts';
import { caseWith, cleanCase, crowdedCase, scheduledCase } from '../conformance-cases.ts';
import type { WorldFor } from './describe-world.ts';
import { answersIn } from './readings.ts';

/** Contaminations, schedules, windows, limits, and what cannot be had. */
export function whatACaseAsksFor(worldFor: WorldFor): void {
  it.concurrent('says which fault no world can carry out, and why', async (context) => {
    const history = await worldFor(context).play({
      ...cleanCase(),
      faults: [{ at: { wire: 'redis', direction: 'request', kind: 'set.state' }, fate: { do: 'garble' } }],
    });
    expect(eventsOf(history, 'fault-skipped')).toMatchObject([
      { fault: 0, name: 'garble redis', why: 'garble cannot be done to a request on the redis wire' },
    ]);
    expect(eventsOf(history, 'fault-fired')).toEqual([]);
  });

  it.concurrent('shows what the pipeline logs of a failure, and whose run it was', async (context) => {
    const at = { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'data' } as const;
    const history = await worldFor(context).play(
      caseWith({ faults: [{ at, fate: { do: 'fail', error: 'Broken' } }] }),
    );
    expect(eventsOf(history, 'logged')).toMatchObject([
      { level: 'warn', says: 'failed', code: 'AGENT_FAILED', user: 'alice', run: 'run-1' },
    ]);
  });

  it.concurrent('puts a contamination into the result that it names', async (context) => {
    const path = ['analysis_type'];
    const history = await worldFor(context).play(
      caseWith({
        contaminations: [
          {
            at: { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
            path,
            recipe: 'function',
          },
        ],
      }),
    );
    const poisoned = eventsOf(history, 'agent-returned').filter((event) => event.poisoned.length > 0);
    expect(poisoned).toMatchObject([
      { user: 'alice', run: 'run-1', agent: 'data', poisoned: [{ path, recipe: 'function' }] },
    ]);
    expect(poisoned[0]?.clean).toHaveProperty(path);
    expect(eventsOf(history, 'fault-fired')).toMatchObject([{ name: 'contaminate agent' }]);
  });

  it.concurrent('keeps the order that a schedule asks for', async (context) => {
    const history = await worldFor(context).play(
      caseWith({
        schedule: [
          {
            hold: { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'triage' },
            until: { wire: 'agent', direction: 'reply', user: 'bob', run: 'run-1', kind: 'triage' },
            atMostMs: 3_000,
          },
        ],
      }),
    );
    expect(eventsOf(history, 'constraint-met')).toMatchObject([{ constraint: 0 }]);
    const passed = eventsOf(history, 'passed').map(({ message }) => message);
    expect(passed.indexOf('agent>alice/run-1/triage#1')).toBeGreaterThan(
      passed.indexOf('agent<bob/run-1/triage#1'),
    );
  });

  it.concurrent('keeps an order on each wire where runs are let in, and lets go of what waits in vain', async (context) => {
    const history = await worldFor(context).play(scheduledCase());
    const outcomes = history.events.flatMap((event) =>
      event.type === 'constraint-met' || event.type === 'constraint-expired'
        ? [`${event.constraint} ${event.type}`]
        : [],
    );
    expect(outcomes.sort()).toEqual(['0 constraint-met', '1 constraint-met', '2 constraint-expired']);
    const passed = eventsOf(history, 'passed').map(({ message }) => message);
    const [start, slot] = ['client>alice/run-1/start_agent#1', 'redis<bob/run-1/set.slot#1'];
    expect(passed.indexOf(start)).toBeGreaterThan(passed.indexOf('redis>bob/run-1/set.slot#1'));
    expect(passed.indexOf(slot)).toBeGreaterThan(passed.indexOf(start));
    expect(answersIn(history)).toEqual(['alice/run-1', 'bob/run-1']);
  });

  it.concurrent('lets a user have two windows, and sets the limits that a case asks for', async (context) => {
    const history = await worldFor(context).play(crowdedCase());
    expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-3', 'bob/run-1']);
    const opened = eventsOf(history, 'connection-opened').map(({ connection }) => connection);
    expect(opened.sort()).toEqual(['alice-1', 'alice.2-1', 'bob-1']);
    const refused = eventsOf(history, 'seen').flatMap(({ connection, frame }) => {
      const { type, code } = frame as { type: string; code?: string };
      return type === 'error' ? [`${connection} ${code}`] : [];
    });
    expect(refused).toEqual(['alice.2-1 RUN_LIMIT']);
    expect(history.events[0]).toMatchObject({ bounds: { runsPerUser: 1 } });
  });
}
