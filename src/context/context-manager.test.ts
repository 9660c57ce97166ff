import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { createContextManager } from './context-manager.ts';
import { openStoreSession } from './store-session.ts';

function manager() {
  let made = 0;
  const redis = new Redis({ lazyConnect: true });
  return createContextManager({
    clock: { now: () => 1_000, after: () => () => {} },
    ids: { next: (kind) => `${kind}_${++made}` },
    runsPerUser: 2,
    openSession: (_asked, id, opened) => openStoreSession(redis, { id, opened, stateKey: 'key' }),
  });
}

const asked = (runId: string, userId = 'alice') => ({ userId, runId, threadId: 'thread-1', request: 'Why?' });

it('registers a run once, and again after it was released', () => {
  const contexts = manager();
  const first = contexts.create(asked('run-1'), 'alice');
  expect(() => contexts.create(asked('run-1'), 'alice')).toThrow('RUN_DUPLICATE');
  contexts.create(asked('run-1', 'bob'), 'bob');
  expect(contexts.size).toBe(2);
  contexts.release(first);
  contexts.release(first);
  expect(contexts.size).toBe(1);
  contexts.create(asked('run-1'), 'alice');
});

it('bounds the runs of one user, and a refused one counts for nothing', () => {
  const contexts = manager();
  contexts.create(asked('run-1'), 'alice');
  expect(() => contexts.create(asked('none'), 'alice')).toThrow('CONTEXT_INVALID');
  contexts.create(asked('run-2'), 'alice');
  expect(() => contexts.create(asked('run-3'), 'alice')).toThrow('RATE_LIMITED');
  contexts.create(asked('run-3', 'bob'), 'bob');
});

it('makes a context that cannot be changed, whose session dies with the run and cannot be cloned', async () => {
  const contexts = manager();
  const context = contexts.create(asked('run-1'), 'alice');
  expect(Object.isFrozen(context)).toBe(true);
  expect(() => structuredClone(context)).toThrow();
  contexts.release(context);
  await expect(context.session.readState()).rejects.toThrow('STORE_UNAVAILABLE: the session is closed');
});
