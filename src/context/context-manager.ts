import { PipelineError } from '../errors.ts';
import type { Clock, Ids } from '../ports.ts';
import { validateContext } from './checks.ts';
import type { StoreSession, UserExecutionContext } from './context.ts';

/** What a user asks for; ids as the client chose them. */
export interface RunRequest {
  readonly userId: string;
  readonly threadId: string;
  readonly runId: string;
  readonly request: string;
}

/** Makes the context of each run, and knows which runs are being worked on in this process. */
export interface ContextManager {
  /**
   * Makes, validates and registers in one step: nothing is awaited, so no other run can come between.
   * Throws CONTEXT_INVALID, RUN_DUPLICATE (this process works on that run) or RATE_LIMITED (too many runs).
   */
  create(asked: RunRequest, authenticatedUser: string): UserExecutionContext;
  /** The run is over: its session goes dead. */
  release(context: UserExecutionContext): void;
  /** Runs being worked on. */
  readonly size: number;
}

export function createContextManager(options: {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly runsPerUser: number;
  readonly openSession: (asked: RunRequest, id: string, opened: number) => StoreSession;
}): ContextManager {
  const byUser = new Map<string, Map<string, UserExecutionContext>>();
  let size = 0;
  return {
    create(asked, authenticatedUser) {
      const createdAt = options.clock.now();
      const context: UserExecutionContext = Object.freeze({
        userId: asked.userId,
        threadId: asked.threadId,
        runId: asked.runId,
        correlationId: options.ids.next('corr'),
        createdAt,
        request: asked.request,
        session: options.openSession(asked, options.ids.next('session'), createdAt),
      });
      validateContext(context, { authenticatedUser, now: createdAt });
      const runs = byUser.get(asked.userId) ?? new Map<string, UserExecutionContext>();
      if (runs.has(asked.runId)) throw new PipelineError('RUN_DUPLICATE');
      if (runs.size >= options.runsPerUser)
        throw new PipelineError('RATE_LIMITED', { detail: `${runs.size} runs at the same time` });
      runs.set(asked.runId, context);
      byUser.set(asked.userId, runs);
      size += 1;
      return context;
    },
    release(context) {
      const runs = byUser.get(context.userId);
      if (runs?.get(context.runId) !== context) return;
      runs.delete(context.runId);
      if (runs.size === 0) byUser.delete(context.userId);
      size -= 1;
      context.session.close();
    },
    get size() {
      return size;
    },
  };
}
