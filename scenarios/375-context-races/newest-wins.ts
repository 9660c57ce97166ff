import type { UserExecutionContext } from '../../src/context/context.ts';
import type { ContextManager } from '../../src/context/context-manager.ts';

/** The same contexts; a run is worked on under that of its user's which was registered last. */
export function newestWins(
  contexts: ContextManager,
  found: (run: { readonly userId: string; readonly runId: string }, context: UserExecutionContext) => void,
): ContextManager {
  const byUser = new Map<string, UserExecutionContext[]>();
  return {
    async create(asked, authenticatedUser, expired) {
      const context = await contexts.create(asked, authenticatedUser, expired);
      byUser.set(context.userId, [...(byUser.get(context.userId) ?? []), context]);
      return context;
    },
    find(run) {
      const newest = byUser.get(run.userId)?.at(-1) ?? contexts.find(run);
      found(run, newest);
      return newest;
    },
    finish: (context) => contexts.finish(context),
    release(context) {
      const left = (byUser.get(context.userId) ?? []).filter((each) => each !== context);
      if (left.length > 0) byUser.set(context.userId, left);
      else byUser.delete(context.userId);
      contexts.release(context);
    },
    size: () => contexts.size(),
  };
}
