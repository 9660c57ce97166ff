import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../case.ts';
import { eventsOf, type History } from '../../history.ts';
import { checkDeterminism } from './determinism.ts';
import { createSimulatedPool, createSimulatedWorld } from './pool.ts';
import { asking, caseOf } from './toy-cases.fixture.ts';

const pool = createSimulatedPool({ threads: 2, spinLimitMs: 10_000 });
afterAll(() => pool.close());

const brokenParts = new URL('./broken-parts.fixture.ts', import.meta.url).href;
const broken = (name: string) => ({ defect: { module: brokenParts, name } });
const atData = { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 } as const;

/** Who saw what kind of frame of a run's end. */
function endsSeen(history: History): unknown[] {
  return eventsOf(history, 'seen').flatMap(({ user, frame }) => {
    const { type, run_id, payload } = frame as {
      type: string;
      run_id: string;
      payload: { status?: string; code?: string };
    };
    if (type === 'run_completed') return [`${user} ${run_id} ${payload.status}`];
    return type === 'run_failed' ? [`${user} ${run_id} ${payload.code}`] : [];
  });
}

describe('a clean case', () => {
  it('ends each run in an answer, seen and confirmed, and leaves its stores at rest', async () => {
    const history = await pool.play(caseOf([asking('alice', 'run-1'), asking('bob', 'run-1')]));
    expect(endsSeen(history).sort()).toEqual(['alice run-1 complete', 'bob run-1 complete']);
    expect(history.events[0]?.type).toBe('case-started');
    expect(history.events.at(-1)).toMatchObject({ type: 'case-ended', reason: 'quiet' });
    const roads = new Set(eventsOf(history, 'stored').map(({ road }) => road));
    expect(roads).toEqual(new Set(['cache', 'persistence', 'events', 'delivery']));
    expect(eventsOf(history, 'health')).toMatchObject([{ probe: 'ready', status: 200 }]);
    expect(eventsOf(history, 'metric').length).toBeGreaterThan(0);
    expect(eventsOf(history, 'process-exited')).toMatchObject([{ cause: 'asked', code: '0' }]);
  });

  it('goes on beside a user who leaves without a word', async () => {
    const leaving: Case['users'][number] = {
      ...asking('alice'),
      actions: [{ do: 'connect' }, { do: 'wait', ms: 10 }, { do: 'leave' }],
    };
    const history = await pool.play(caseOf([leaving, asking('bob', 'run-1')]));
    expect(endsSeen(history)).toEqual(['bob run-1 complete']);
    const [closed] = eventsOf(history, 'connection-closed');
    expect(closed).toMatchObject({ user: 'alice', code: 1006, by: 'user' });
  });
});

describe('a contaminated case', () => {
  it('carries live objects into results, and says where', async () => {
    const history = await pool.play(
      caseOf([asking('alice', 'run-1')], {
        contaminations: [{ at: atData, path: ['metrics'], recipe: 'function' }],
      }),
    );
    expect(endsSeen(history)).toEqual(['alice run-1 complete']);
    expect(eventsOf(history, 'fault-fired')).toMatchObject([{ fault: 0, name: 'contaminate agent' }]);
    const returned = eventsOf(history, 'agent-returned').find(({ agent }) => agent === 'data');
    expect(returned?.poisoned).toEqual([{ path: ['metrics'], recipe: 'function' }]);
  });
});

describe('an uncaught throw', () => {
  it.each([
    ['rejects unheard', 'NOBODY_LISTENS'],
    ['throws in a tick', 'RangeError'],
    ['throws in a timer', 'TypeError'],
  ])(
    '(%s) is the crash that it would be, and a fresh process takes over on the same store',
    async (name, code) => {
      const history = await pool.play(
        caseOf([asking('alice', 'run-1'), asking('bob', 'run-1')]),
        broken(name),
      );
      const lives = history.events.filter(
        ({ type }) => type === 'process-started' || type === 'process-exited',
      );
      expect(lives.slice(0, 3)).toMatchObject([
        { type: 'process-started', instance: 1 },
        { type: 'process-exited', instance: 1, cause: 'crashed', code },
        { type: 'process-started', instance: 2 },
      ]);
      const [, crashed, restarted] = lives;
      expect((restarted?.at ?? 0) - (crashed?.at ?? 0)).toBeCloseTo(500, 6);
      const { length } = endsSeen(history);
      expect(length).toBeGreaterThanOrEqual(2);
      const opened = eventsOf(history, 'connection-opened').filter(({ at }) => at > (restarted?.at ?? 0));
      expect(new Set(opened.map(({ user }) => user))).toEqual(new Set(['alice', 'bob']));
    },
  );

  it('stops the dead instance for good: nothing of it passes any wire later', async () => {
    const history = await pool.play(caseOf([asking('alice', 'run-1')]), broken('rejects unheard'));
    const crashed = eventsOf(history, 'process-exited')[0]?.seq ?? 0;
    const restarted = eventsOf(history, 'process-started')[1]?.seq ?? 0;
    const between = history.events.slice(crashed, restarted - 1);
    expect(restarted).toBeGreaterThan(crashed);
    expect(between.filter(({ type }) => type === 'agent-asked' || type === 'tool-called')).toEqual([]);
    // Written before the crash and still on their way; nothing is new.
    expect(between.filter(({ type }) => type === 'passed').length).toBeLessThan(5);
  });
});

describe('a case that spins', () => {
  it('ends out of time where it spins in virtual time', async () => {
    const history = await pool.play(caseOf([asking('alice', 'run-1')]), broken('spins in virtual time'));
    expect(history.events.at(-1)).toMatchObject({ type: 'case-ended', reason: 'out-of-time' });
  });

  it('loses its thread where it never lets go, and the next case is played', async () => {
    const impatient = createSimulatedPool({ threads: 1, spinLimitMs: 2_000 });
    try {
      const history = await impatient.play(caseOf([asking('alice', 'run-1')]), broken('spins'));
      expect(eventsOf(history, 'process-exited')).toMatchObject([{ cause: 'crashed', code: 'SPINNING' }]);
      expect(endsSeen(await impatient.play(caseOf([asking('alice', 'run-1')])))).toHaveLength(1);
    } finally {
      await impatient.close();
    }
  });
});

describe('the same seed', () => {
  it('gives the same history, byte for byte, in one thread and in another', async () => {
    const faults: Case['faults'] = [
      {
        at: { wire: 'redis', user: 'alice', kind: 'xadd.events', count: 4 },
        fate: { do: 'cut', when: 'after' },
      },
      {
        at: { wire: 'client', user: 'bob', kind: 'agent_thinking', count: 1 },
        fate: { do: 'cut', when: 'before' },
      },
      { at: { ...atData, direction: 'request' }, fate: { do: 'fail', error: 'AgentCrashed' } },
    ];
    const world = createSimulatedWorld();
    try {
      for (let seed = 0; seed < 8; seed++) {
        const playing = caseOf([asking('alice', 'run-1', 'run-2'), asking('bob', 'run-1')], { seed, faults });
        let plays = 0;
        const difference = await checkDeterminism(
          (each) => (plays++ === 0 ? pool.play(each) : world.play(each)),
          playing,
        );
        expect(difference, `seed ${seed}`).toBeNull();
      }
    } finally {
      await world.close();
    }
  });

  it('and another seed another history', async () => {
    const playing = caseOf([asking('alice', 'run-1')]);
    let seed = 0;
    const difference = await checkDeterminism((each) => pool.play({ ...each, seed: seed++ }), playing);
    expect(difference).not.toBeNull();
  });
});

it('says which defect a module does not have', async () => {
  await expect(pool.play(caseOf([asking('alice')]), broken('no such defect'))).rejects.toMatchObject({
    name: 'HarnessError',
    kind: 'usage',
    message: expect.stringContaining('rejects unheard'),
  });
});
