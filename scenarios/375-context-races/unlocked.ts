import { validateContext } from '../../src/context/checks.ts';
import type { UserExecutionContext } from '../../src/context/context.ts';
import type { ContextManager, ContextMeans } from '../../src/context/context-manager.ts';
import { PipelineError } from '../../src/errors.ts';

/** What is meant to keep others out while a context is created, validated and registered. */
export interface Guard {
  enter(): void;
  leave(): void;
}

export const noGuard: Guard = { enter: () => {}, leave: () => {} };

/**
 * Looks how many runs the user has, creates the context, validates it, waits until the store has taken note of
 * it, and registers it: what was looked up before the wait is taken for true after it.
 */
export function unlocked(means: ContextMeans, guard: Guard): ContextManager {
  const { clock, ids, limits, slots } = means;
  const contexts = new Map<string, UserExecutionContext>();
  const given = new WeakMap<UserExecutionContext, number>();
  const keyOf = ({ userId, runId }: { readonly userId: string; readonly runId: string }): string =>
    `${userId}_${runId}`;
  return {
    async create(asked, authenticatedUser) {
      guard.enter();
      try {
        const active = [...contexts.values()].filter(({ userId }) => userId === asked.userId);
        if (contexts.has(keyOf(asked))) throw new PipelineError('RUN_DUPLICATE');
        if (active.length >= limits.runsPerUser)
          throw new PipelineError('RUN_LIMIT', { detail: 'of one user' });
        const createdAt = clock.now();
        const context: UserExecutionContext = Object.freeze({
          ...asked,
          correlationId: ids.next('corr'),
          createdAt,
          session: means.openSession(asked, ids.next('session'), createdAt),
        });
        validateContext(context, { authenticatedUser, now: createdAt });
        const slot = await slots.take(context, new Set());
        if (slot !== null) given.set(context, slot);
        contexts.set(keyOf(context), context);
        return context;
      } finally {
        guard.leave();
      }
    },
    find(run) {
      const context = contexts.get(keyOf(run));
      if (context === undefined) throw new PipelineError('CONTEXT_EXPIRED');
      return context;
    },
    finish: () => {},
    release(context) {
      if (contexts.get(keyOf(context)) !== context) return;
      contexts.delete(keyOf(context));
      context.session.close();
      const slot = given.get(context);
      if (slot !== undefined)
        slots.leave(context, slot).catch((thrown: unknown) => means.leaveFailed(context, thrown));
    },
    size: () => contexts.size,
  };
}
