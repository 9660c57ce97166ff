import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import { caseOf, historyOf } from './hand-history.ts';
import { serviceReturnsAfterTheStorm } from './service-returns-after-the-storm.ts';

type Timed = EventDraft & { readonly at?: number };
const me = { actor: 'user:alice', user: 'alice', connection: 'alice-1' } as const;
const returnMs = 5_000;

/** One run, asked at this time; what was done before that; `bend` changes what became of the run. */
function told(
  storm: readonly Timed[],
  askedAt: number,
  bend: (run: readonly Timed[]) => readonly Timed[] = (run) => run,
  bounds: { readonly returnMs?: number } = { returnMs },
): string {
  const [started, ...rest] = caseOf({ user: 'alice', run: 'run-1' });
  const start: Timed = {
    ...(started as EventDraft & { type: 'case-started' }),
    bounds: { runMs: 20_000, ...bounds },
  };
  const [opened, ...run] = rest;
  const asking: Timed[] = [{ ...(opened as EventDraft), at: askedAt }, ...run];
  const { verdict, coverage } = serviceReturnsAfterTheStorm.check(
    historyOf([start, ...storm, ...bend(asking)]),
  );
  if (verdict.is === 'broken') return verdict.violations.map(({ place }) => place).join(', ');
  return verdict.is === 'unsure' ? `unsure: ${verdict.why} (${coverage})` : 'holds';
}

function fired(
  fate: { readonly [key: string]: Json },
  at: number,
  message = 'redis>bob/run-1/xadd.events#1',
): Timed {
  return { type: 'fault-fired', actor: 'faults', fault: 0, name: String(fate.do), message, fate, at };
}
const cut = fired({ do: 'cut', when: 'after' }, 1_000);
const dies: Timed = {
  type: 'process-exited',
  actor: 'world',
  process: 'pipeline',
  instance: 1,
  cause: 'killed',
  code: 'SIGKILL',
  at: 1_000,
};
const isBack: Timed = {
  type: 'process-started',
  actor: 'world',
  process: 'pipeline',
  instance: 2,
  at: 3_000,
};

const isOf = (draft: Timed, type: string): boolean =>
  draft.type === 'seen' && (draft.frame as { type: string }).type === type;
const without =
  (...types: string[]) =>
  (run: readonly Timed[]): Timed[] =>
    run.filter((draft) => !types.some((type) => isOf(draft, type)));
/** In place of the end, as the user saw it; the user stays. */
const instead =
  (...events: Timed[]) =>
  (run: readonly Timed[]): Timed[] => [
    ...without('run_completed')(run).filter(
      ({ type }) => type !== 'connection-closed' && type !== 'case-ended',
    ),
    ...events,
    { type: 'case-ended', actor: 'world', reason: 'quiet' },
  ];

describe('service returns after the storm', () => {
  it('holds where who asks in the calm is answered', () => {
    expect(told([cut], 6_001)).toBe('holds');
    expect(told([dies, isBack], 8_001)).toBe('holds');
  });

  it('has nothing to judge without a storm, and in it', () => {
    expect(told([], 6_001)).toBe('unsure: nothing to judge (not exercised)');
    expect(told([cut], 5_000, without('run_completed'))).toBe('unsure: nothing to judge (not exercised)');
    const poison = fired({ do: 'contaminate' }, 1_000, 'agent<alice/run-1/data#1');
    expect(told([poison], 9_000, without('run_completed'))).toBe('unsure: nothing to judge (not exercised)');
  });

  it('begins the calm when what lasts is over, and the dead are back', () => {
    const failing = instead({ type: 'gave-up', actor: me.actor, user: 'alice', run: 'run-1', afterMs: 100 });
    const stalls = fired({ do: 'stall', ms: 3_000 }, 1_000);
    expect(told([stalls], 8_900, failing)).toBe('unsure: nothing to judge (not exercised)');
    expect(told([stalls], 9_101, failing)).toBe('calm/(no answer)');
    expect(told([dies, isBack], 7_900, failing)).toBe('unsure: nothing to judge (not exercised)');
    expect(told([dies, isBack], 8_101, failing)).toBe('calm/(no answer)');
  });

  it('breaks where the answer is a failure, in part, late, or none at all', () => {
    const frame = (type: string, payload: { [key: string]: Json }): Timed => ({
      type: 'seen',
      ...me,
      frame: { type, run_id: 'run-1', sequence: 11, agent_name: 'supervisor', payload },
    });
    expect(told([cut], 9_000, instead(frame('run_failed', { code: 'STORE_UNAVAILABLE' })))).toBe(
      'calm/STORE_UNAVAILABLE',
    );
    const partial = frame('run_completed', { status: 'partial' });
    expect(told([cut], 9_000, instead(partial))).toBe('calm/(partial)');
    const late = { ...frame('run_completed', { status: 'complete' }), at: 40_000 };
    expect(told([cut], 9_000, instead(late))).toBe('calm/(late)');
    const error: Timed = {
      type: 'seen',
      ...me,
      frame: { type: 'error', run_id: 'run-1', code: 'RUN_INTERRUPTED' },
    };
    expect(told([cut], 9_000, instead(error))).toBe('calm/RUN_INTERRUPTED');
    expect(told([cut], 9_000, instead())).toBe('calm/(no answer)');
  });

  it('breaks where a process that died is not there again, whoever else serves', () => {
    expect(told([dies], 9_000)).toBe('calm/(down)');
    const killed = fired({ do: 'kill-gateway', backAfterMs: 500 }, 999);
    const over: Timed = { type: 'fault-ended', actor: 'faults', fault: 0, name: 'kill-gateway', at: 1_500 };
    expect(told([killed, dies, over], 9_000)).toBe('calm/(down)');
    expect(told([killed, dies, over, isBack], 9_000)).toBe('holds');
    expect(told([killed, dies, over, { ...isBack, process: 'pipeline@old' }], 9_000)).toBe('holds');
    expect(told([killed, dies, over, { ...isBack, process: 'pipeline-2' }], 9_000)).toBe('calm/(down)');
    expect(told([killed, dies, over], 2_000)).toBe(
      'unsure: the case was over before pipeline had to be back (exercised)',
    );
  });

  it('is unsure of a process that nobody started again after a start that was rightly refused', () => {
    const lack = fired({ do: 'lack', dependency: 'model', state: 'broken' }, 1);
    const over: Timed = { type: 'fault-ended', actor: 'faults', fault: 0, name: 'lack model', at: 2_000 };
    const says = (names: readonly string[]): Timed[] => [
      { type: 'start-refused', actor: 'world', process: 'pipeline', instance: 1, names, at: 999 },
      { ...dies, cause: 'refused' } as Timed,
    ];
    expect(told([lack, ...says(['model']), over], 9_000)).toBe(
      'unsure: nobody started pipeline again, which lacked something (exercised)',
    );
    expect(told([lack, ...says(['redis']), over], 9_000)).toBe('calm/(down)');
    const other = { ...dies, process: 'pipeline-2' } as Timed;
    expect(told([lack, ...says(['model']), over, other], 9_000)).toBe('calm/(down)');
  });

  it('breaks where the user never came to ask', () => {
    const gaveUp: Timed = {
      type: 'gave-up',
      actor: me.actor,
      user: 'alice',
      run: 'run-1',
      afterMs: 30_000,
      at: 39_000,
    };
    const ended: Timed = { type: 'case-ended', actor: 'world', reason: 'quiet' };
    expect(told([cut], 39_000, () => [gaveUp, ended])).toBe('calm/(no answer)');
    expect(told([cut], 39_000, () => [{ ...gaveUp, at: 35_000 }, ended])).toBe(
      'unsure: nothing to judge (not exercised)',
    );
  });

  it('counts nobody who left before the end', () => {
    expect(told([cut], 9_000, without('run_completed'))).toBe('unsure: nothing to judge (not exercised)');
  });

  it('is unsure where the storm has no end, the case stopped, or nobody promised a time', () => {
    const killed = fired({ do: 'kill-gateway', backAfterMs: 500 }, 999);
    expect(told([killed, dies], 9_000)).toBe(
      'unsure: it is not known when kill-gateway was over (exercised)',
    );
    const lack = fired({ do: 'lack', dependency: 'model', state: 'broken' }, 1);
    expect(told([lack], 9_000)).toBe('unsure: it is not known when lack was over (exercised)');
    expect(told([fired({ do: 'stall-redis', ms: 10 }, 1_000)], 9_000)).toBe(
      'unsure: it is not known when stall-redis was over (exercised)',
    );
    const stopped = (run: readonly Timed[]): Timed[] =>
      instead()(run).map((draft) =>
        draft.type === 'case-ended' ? { ...draft, reason: 'out-of-time' } : draft,
      );
    expect(told([cut], 9_000, stopped)).toBe(
      "unsure: alice's run-1 had not ended when the case ran out of time (exercised)",
    );
    expect(told([cut], 9_000, (run) => run, {})).toBe(
      'unsure: nobody promised a time within which service returns (exercised)',
    );
  });
});
