import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../adapters/system-clock.ts';
import { codeOf, PipelineError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { ManualClock } from '../supervisor/manual-clock.fixture.ts';
import { type Blame, createCircuits } from './circuits.ts';
import { createRetryBudget } from './retry-budget.ts';

/** Fails with a code that says whom it is laid to. */
const failing = (blame: Blame) => () => Promise.reject(new Error(blame));
const well = async (): Promise<string> => 'well';

function circuits(clock: Clock = systemClock) {
  return createCircuits({
    name: 'model',
    clock,
    code: 'MODEL_CIRCUIT_OPEN',
    blame: (thrown) => (thrown as Error).message as Blame,
    failures: 3,
    halfOpenAfterMs: 1_000,
  });
}

async function told(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'well',
    (thrown: unknown) => (thrown instanceof PipelineError ? codeOf(thrown) : (thrown as Error).message),
  );
}

describe('circuits', () => {
  it('cut one user off whose own requests fail, and nobody else', async () => {
    const model = circuits();
    for (let n = 0; n < 3; n++) expect(await told(model.execute('alice', failing('user')))).toBe('user');
    expect(await told(model.execute('alice', well))).toBe('MODEL_CIRCUIT_OPEN');
    expect(await told(model.execute('bob', well))).toBe('well');
    expect([model.isOpen(), model.usersOpen(), model.isOpenFor('alice'), model.isOpenFor('bob')]).toEqual([
      false,
      1,
      true,
      false,
    ]);
  });

  it('cut everybody off where no request can be at fault', async () => {
    const model = circuits();
    for (const user of ['alice', 'bob', 'carol']) await told(model.execute(user, failing('everybody')));
    expect(await told(model.execute('dave', well))).toBe('MODEL_CIRCUIT_OPEN');
    expect(model.isOpen()).toBe(true);
  });

  it('count nothing that is wrong with a request, and forget what was followed by a success', async () => {
    const model = circuits();
    for (let n = 0; n < 9; n++) await told(model.execute('alice', failing('nobody')));
    for (let n = 0; n < 9; n++) {
      await told(model.execute('alice', failing('user')));
      await told(model.execute('alice', failing('everybody')));
      await model.execute('alice', well);
    }
    expect([model.isOpen(), model.usersOpen()]).toEqual([false, 0]);
  });

  it('let one call through after their time, and close where that goes well', async () => {
    vi.useFakeTimers();
    try {
      const model = circuits();
      for (let n = 0; n < 3; n++) await told(model.execute('alice', failing('everybody')));
      expect(model.isOpen()).toBe(true);
      vi.setSystemTime(Date.now() + 1_000);
      // Whoever asks before calling would never call, were it said to be open until somebody does.
      expect(model.isOpen()).toBe(false);
      expect(await told(model.execute('bob', failing('everybody')))).toBe('everybody');
      expect(model.isOpen()).toBe(true);
      vi.setSystemTime(Date.now() + 1_000);
      expect(await told(model.execute('bob', well))).toBe('well');
      expect(model.isOpen()).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are kept closed by a success alone, not by what says nothing', async () => {
    const model = circuits();
    for (const blame of ['everybody', 'nobody', 'everybody', 'user', 'everybody'] as const)
      await told(model.execute('alice', failing(blame)));
    expect(model.isOpen()).toBe(true);
  });

  it('stay open after a probe that says nothing, and let the next one through at once', async () => {
    const clock = new ManualClock();
    const model = circuits(clock);
    for (let n = 0; n < 3; n++) await told(model.execute('alice', failing('everybody')));
    await clock.pass(1_000);
    for (const blame of ['nobody', 'user'] as const) await told(model.execute('alice', failing(blame)));
    expect(await told(model.execute('bob', failing('everybody')))).toBe('everybody');
    expect(await told(model.execute('carol', well))).toBe('MODEL_CIRCUIT_OPEN');
  });

  it('keep nobody waiting for a probe, and let another through where one hangs', async () => {
    const clock = new ManualClock();
    const model = circuits(clock);
    for (let n = 0; n < 3; n++) await told(model.execute('alice', failing('everybody')));
    await clock.pass(1_000);
    void model.execute('alice', () => new Promise(() => {}));
    expect(model.isOpen()).toBe(true);
    expect(await told(model.execute('bob', well))).toBe('MODEL_CIRCUIT_OPEN');
    await clock.pass(1_000);
    expect(await told(model.execute('bob', well))).toBe('well');
    expect(await told(model.execute('carol', well))).toBe('well');
  });

  it('count the failures of one user that come at the same time', async () => {
    const model = circuits();
    await Promise.all([1, 2, 3].map(() => told(model.execute('alice', failing('user')))));
    expect([model.isOpenFor('alice'), model.isOpenFor('bob')]).toEqual([true, false]);
  });
});

describe('a retry budget', () => {
  it('lets a storm of failures grow by a fifth, and a few', () => {
    const budget = createRetryBudget();
    let retries = 0;
    for (let call = 0; call < 1_000; call++) {
      budget.called('alice');
      if (budget.spend('alice')) retries += 1;
    }
    expect(retries).toBeLessThanOrEqual(204);
    expect(retries).toBeGreaterThan(190);
  });

  it('takes nothing from anybody else', () => {
    const budget = createRetryBudget();
    while (budget.spend('alice'));
    expect([budget.spend('alice'), budget.spend('bob')]).toEqual([false, true]);
  });
});
