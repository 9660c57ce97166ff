import { describe, expect, it } from 'vitest';
import { codeOf, PipelineError } from '../errors.ts';
import { contextChecks, validateContext } from './checks.ts';
import type { UserExecutionContext } from './context.ts';

const now = Date.UTC(2026, 0, 5);
const asked = { authenticatedUser: 'alice', now };

function context(changes: Partial<UserExecutionContext> = {}, freeze = true): UserExecutionContext {
  const made = {
    userId: 'alice',
    threadId: 'thread-1',
    runId: 'run-1',
    correlationId: 'corr_1',
    createdAt: now,
    request: 'Where does the money go?',
    session: { id: 'session_1', opened: now, readState: async () => null, close: () => {} },
    ...changes,
  };
  return freeze ? Object.freeze(made) : made;
}

describe('the eleven checks of a context', () => {
  it('are eleven, each with a name of its own', () => {
    expect(new Set(contextChecks.map(({ name }) => name)).size).toBe(11);
  });

  it.each(['alice', 'run-1', 'thread_7', 'u.1', 'tester', 'demonstration', 'a_very_long_id_test_0123456789'])(
    'let %s through as any id',
    (id) => {
      const ours = context({ userId: id, threadId: id, runId: id });
      expect(() => validateContext(ours, { ...asked, authenticatedUser: id })).not.toThrow();
    },
  );

  it('let a prefix through in a long id', () => {
    expect(() => validateContext(context({ runId: 'test_0123456789abcdef01' }), asked)).not.toThrow();
  });

  it.each<[string, Partial<UserExecutionContext>]>([
    ['fields-present: request', { request: '  ' }],
    ['fields-present: userId', { userId: undefined as unknown as string }],
    ['no-foreign-fields: db', { db: {} } as Partial<UserExecutionContext>],
    ['id-format: threadId', { threadId: 'a:b' }],
    ['no-placeholder-word: runId', { runId: 'Registry' }],
    ['no-placeholder-word: threadId', { threadId: '0' }],
    ['no-placeholder-prefix: runId', { runId: 'temp_1' }],
    ['request-length: request', { request: 'x'.repeat(10_001) }],
    ['request-is-text: request', { request: 'half a pair \ud800' }],
    ['user-is-authenticated: userId', { userId: 'bob' }],
    ['correlation-says-nothing: correlationId', { correlationId: 'alice' }],
    ['made-now: createdAt', { createdAt: now - 60_000 }],
    ['isolated: session', { session: { ...context().session, opened: now - 5 } }],
  ])('refuse: %s', (detail, changes) => {
    expect(refusalOf(context(changes))).toEqual(['CONTEXT_INVALID', detail]);
  });

  it('refuse a context that can be changed', () => {
    expect(refusalOf(context({}, false))).toEqual(['CONTEXT_INVALID', 'isolated: session']);
  });
});

function refusalOf(made: UserExecutionContext): [string, string | undefined] | null {
  try {
    validateContext(made, asked);
    return null;
  } catch (thrown) {
    return [codeOf(thrown), thrown instanceof PipelineError ? thrown.detail : undefined];
  }
}
