import { describe, expect, it } from 'vitest';
import { codeOf, PipelineError } from '../errors.ts';
import { createLog } from '../log.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { type AuditEntry, createAuditTrail } from './audit-trail.ts';
import { type ContextMeans, createContextManager } from './context-manager.ts';
import type { Slots } from './slots.ts';

/** Slots in memory, whose answers a test may hold back for one user. */
function bench(changes: Partial<ContextMeans> = {}) {
  let made = 0;
  const clock = new ManualClock();
  const taken = new Map<string, number[]>();
  const held = new Map<string, () => void>();
  const told: AuditEntry[] = [];
  const failed: unknown[] = [];
  const closed: string[] = [];
  const lines: string[] = [];
  const slow = new Set<string>();
  const slots: Slots = {
    async take({ userId }, inUse) {
      if (slow.has(userId)) await new Promise<void>((go) => held.set(userId, go));
      const slot = inUse.size + 1;
      taken.set(userId, [...(taken.get(userId) ?? []), slot]);
      return slot;
    },
    async leave({ userId }, slot) {
      taken.set(
        userId,
        (taken.get(userId) ?? []).filter((each) => each !== slot),
      );
    },
  };
  const audit = createAuditTrail({ clock, entriesMax: 100, tell: (entry) => told.push(entry) });
  const contexts = createContextManager({
    clock,
    ids: { next: (kind) => `${kind}_${++made}` },
    limits: { runsPerUser: 2, runs: 3 },
    contextMs: 1_000,
    slots,
    audit,
    log: createLog({ sink: { write: (line) => lines.push(line) }, clock, level: 'warn', secrets: [] }),
    openSession: (_asked, id, opened) => ({
      id,
      opened,
      readState: async () => null,
      close: () => closed.push(id),
    }),
    leaveFailed: (_run, thrown) => failed.push(thrown),
    ...changes,
  });
  const create = (runId: string, userId = 'alice', expired = (): void => {}) =>
    contexts.create({ userId, runId, threadId: 'thread-1', request: 'Why?' }, userId, expired);
  const refusal = async (making: Promise<unknown>): Promise<string> =>
    making.then(
      () => 'none',
      (thrown: unknown) => `${codeOf(thrown)}${thrown instanceof PipelineError ? ` ${thrown.detail}` : ''}`,
    );
  const audited = (): string[] =>
    told.map(({ what, userId, runId, code }) => [what, userId, runId, code].filter(Boolean).join(' '));
  return { audit, audited, clock, closed, contexts, create, failed, held, lines, refusal, slow, taken };
}

describe('a context', () => {
  it('is registered once, and again after it was released', async () => {
    const { contexts, create, refusal } = bench();
    const first = await create('run-1');
    expect(contexts.find(first)).toBe(first);
    expect(await refusal(create('run-1'))).toContain('RUN_DUPLICATE');
    await create('run-1', 'bob');
    expect(contexts.size()).toBe(2);
    contexts.release(first);
    contexts.release(first);
    expect(contexts.size()).toBe(1);
    expect(() => contexts.find(first)).toThrow('CONTEXT_EXPIRED');
    await create('run-1');
  });

  it('cannot be changed or cloned, and its session dies with the run', async () => {
    const { closed, contexts, create } = bench();
    const context = await create('run-1');
    expect(Object.isFrozen(context)).toBe(true);
    expect(() => structuredClone(context)).toThrow();
    contexts.release(context);
    expect(closed).toEqual([context.session.id]);
  });

  it('expires where its run never ends, and whoever works under it is told', async () => {
    const { audited, clock, contexts, create, lines, taken } = bench();
    let expired = 0;
    const context = await create('run-1', 'alice', () => expired++);
    await clock.pass(999);
    expect(expired).toBe(0);
    await clock.pass(1);
    expect(expired).toBe(1);
    expect(() => contexts.find(context)).toThrow('CONTEXT_EXPIRED');
    // The store takes the slot back by itself, and may have given it to another run.
    expect([contexts.size(), taken.get('alice')]).toEqual([0, [1]]);
    contexts.release(context);
    expect(audited()).toEqual(['created alice run-1', 'expired alice run-1']);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { code: 'CONTEXT_EXPIRED', run: 'run-1', trail: [{ what: 'created' }, { what: 'expired' }] },
    ]);
  });

  it('that was released in time leaves no timer', async () => {
    const { clock, contexts, create } = bench();
    contexts.release(await create('run-1'));
    expect(clock.pending).toBe(0);
  });
});

describe('quotas', () => {
  it('bound the runs of one user, and of all; a refused one counts for nothing', async () => {
    const { closed, contexts, create, refusal } = bench();
    await create('run-1');
    expect(await refusal(create('none'))).toBe('CONTEXT_INVALID no-placeholder-word: runId');
    expect(closed).toHaveLength(1);
    const second = await create('run-2');
    await create('run-1', 'bob');
    expect(await refusal(create('run-2', 'bob'))).toBe('RUN_LIMIT of all users');
    contexts.release(second);
    await create('run-2', 'bob');
    expect(contexts.size()).toBe(3);
  });

  it('hold where the store has no slot left, or cannot be asked', async () => {
    let answer: () => Promise<number | null> = async () => null;
    const { contexts, create, refusal } = bench({
      slots: { take: () => answer(), leave: async () => {} },
    });
    expect(await refusal(create('run-1'))).toBe('RUN_LIMIT of one user');
    answer = async () => {
      throw new PipelineError('STORE_UNAVAILABLE', { detail: 'gone' });
    };
    expect(await refusal(create('run-1'))).toBe('STORE_UNAVAILABLE gone');
    expect(contexts.size()).toBe(0);
  });

  it('count no run that is finished, although its end is still on the way', async () => {
    const { contexts, create, refusal, taken } = bench();
    const first = await create('run-1');
    await create('run-2');
    contexts.finish(first);
    contexts.finish(first);
    expect(taken.get('alice')).toEqual([2]);
    expect(await refusal(create('run-1'))).toContain('RUN_DUPLICATE');
    await create('run-1', 'bob');
    await create('run-2', 'bob');
    expect(contexts.size()).toBe(4);
    contexts.release(first);
    expect([contexts.size(), taken.get('alice')]).toEqual([3, [2]]);
    expect(await refusal(create('run-3', 'bob'))).toBe('RUN_LIMIT of all users');
  });

  it('are surfaced where a slot cannot be given back', async () => {
    const { contexts, create, failed } = bench({
      slots: { take: async () => 1, leave: () => Promise.reject(new Error('gone')) },
    });
    contexts.release(await create('run-1'));
    await settled();
    expect(failed).toEqual([new Error('gone')]);
  });
});

describe('of one user', () => {
  it('contexts are made one after the other, while others go on', async () => {
    const { contexts, create, held, slow } = bench();
    slow.add('alice');
    const made: string[] = [];
    const first = create('run-1').then((context) => made.push(context.runId));
    const second = create('run-2').then((context) => made.push(context.runId));
    await create('run-1', 'bob').then((context) => made.push(`${context.userId} ${context.runId}`));
    await settled();
    expect(made).toEqual(['bob run-1']);
    held.get('alice')?.();
    await first;
    expect(made).toEqual(['bob run-1', 'run-1']);
    await settled();
    held.get('alice')?.();
    await second;
    expect(contexts.size()).toBe(3);
  });

  it('the same run asked for twice at once is made once', async () => {
    const { contexts, create, refusal } = bench();
    const both = await Promise.all([refusal(create('run-1')), refusal(create('run-1'))]);
    expect(both).toEqual(['none', 'RUN_DUPLICATE undefined']);
    expect(contexts.size()).toBe(1);
  });

  it('no more wait than may run', async () => {
    const { create, held, refusal, slow } = bench();
    slow.add('alice');
    const waiting = [create('run-1'), create('run-2')];
    expect(await refusal(create('run-3'))).toBe('RUN_LIMIT of one user');
    for (const each of waiting) {
      await settled();
      held.get('alice')?.();
      await each;
    }
  });
});

describe('the audit trail', () => {
  it('tells who, when and what', async () => {
    const { audit, audited, clock, contexts, create, refusal } = bench();
    const context = await create('run-1');
    await refusal(create('run-1'));
    await clock.pass(5);
    contexts.release(context);
    expect(audited()).toEqual([
      'created alice run-1',
      'refused alice run-1 RUN_DUPLICATE',
      'released alice run-1',
    ]);
    expect(audit.of('alice').map(({ at }) => at - context.createdAt)).toEqual([0, 0, 5]);
    expect(audit.of('bob')).toEqual([]);
  });

  it('forgets the oldest first', () => {
    const trail = createAuditTrail({ clock: new ManualClock(), entriesMax: 3, tell: () => {} });
    for (const runId of ['run-1', 'run-2', 'run-3', 'run-4'])
      trail.note('created', { userId: 'alice', runId, correlationId: 'corr_1' });
    expect(trail.of('alice').map(({ runId }) => runId)).toEqual(['run-2', 'run-3', 'run-4']);
  });
});
