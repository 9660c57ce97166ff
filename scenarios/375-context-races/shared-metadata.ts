import type { UserExecutionContext } from '../../src/context/context.ts';
import type { ContextManager } from '../../src/context/context-manager.ts';

/** What a context carries beside its ids. */
interface Metadata {
  request: string;
  threadId: string;
}

/**
 * The same contexts, frozen as they should be; but what they carry lies in one object for each user, which every
 * new context writes into and all of them read.
 */
export function sharedMetadata(contexts: ContextManager): ContextManager {
  const byUser = new Map<string, Metadata>();
  const inner = new WeakMap<UserExecutionContext, UserExecutionContext>();
  const outer = new WeakMap<UserExecutionContext, UserExecutionContext>();
  return {
    async create(asked, authenticatedUser, expired) {
      const context = await contexts.create(asked, authenticatedUser, expired);
      const { request, threadId, userId } = context;
      const metadata = Object.assign(byUser.get(userId) ?? { request, threadId }, { request, threadId });
      byUser.set(userId, metadata);
      const sharing: UserExecutionContext = Object.freeze({
        ...context,
        get request() {
          return metadata.request;
        },
        get threadId() {
          return metadata.threadId;
        },
      });
      inner.set(sharing, context);
      outer.set(context, sharing);
      return sharing;
    },
    find(run) {
      const context = contexts.find(run);
      return outer.get(context) ?? context;
    },
    finish: (context) => contexts.finish(inner.get(context) ?? context),
    release: (context) => contexts.release(inner.get(context) ?? context),
    size: () => contexts.size(),
  };
}
