import { codeOf, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Cancel, Clock, Ids } from '../ports.ts';
import type { AuditedRun, AuditTrail } from './audit-trail.ts';
import { validateContext } from './checks.ts';
import type { StoreSession, UserExecutionContext } from './context.ts';
import type { Slots } from './slots.ts';
import { createUserTurns } from './user-turns.ts';

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
   * Makes, validates and registers: for each user one context after the other, so that nothing of the same
   * user comes between, and without waiting for any other user. Rejects with CONTEXT_INVALID, RUN_DUPLICATE
   * (this process works on that run), RUN_LIMIT or STORE_UNAVAILABLE. `expired` is called if the context is
   * still registered when it is too old.
   */
  create(asked: RunRequest, authenticatedUser: string, expired: () => void): Promise<UserExecutionContext>;
  /** The context under which a run is worked on. Throws CONTEXT_EXPIRED where there is none any more. */
  find(run: { readonly userId: string; readonly runId: string }): UserExecutionContext;
  /**
   * Nothing more is worked on: the run's slot is free. Called before anybody is told of the end, so that whoever
   * was told can start another run.
   */
  finish(context: UserExecutionContext): void;
  /** The run is over: its session goes dead, and it is known no more. */
  release(context: UserExecutionContext): void;
  /** Runs being worked on. */
  size(): number;
}

/** What a context manager needs. */
export interface ContextMeans {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: {
    /** Over all gateways. */
    readonly runsPerUser: number;
    /** Of all users, in this process. */
    readonly runs: number;
  };
  readonly contextMs: number;
  readonly slots: Slots;
  readonly audit: AuditTrail;
  readonly log: Log;
  readonly openSession: (asked: RunRequest, id: string, opened: number) => StoreSession;
  /** A slot could not be given back. */
  readonly leaveFailed: (run: AuditedRun, thrown: unknown) => void;
}

export function createContextManager(means: ContextMeans): ContextManager {
  const { audit, clock, limits, slots } = means;
  const byUser = new Map<string, Map<string, Registered>>();
  const turns = createUserTurns();
  /** Registered or about to be, and not finished. */
  let busy = 0;
  let size = 0;

  async function register(
    context: UserExecutionContext,
    authenticatedUser: string,
    expired: () => void,
  ): Promise<void> {
    const { runId, userId } = context;
    validateContext(context, { authenticatedUser, now: clock.now() });
    const runs = byUser.get(userId);
    if (runs?.has(runId) === true) throw new PipelineError('RUN_DUPLICATE');
    if (busy >= limits.runs) throw new PipelineError('RUN_LIMIT', { detail: 'of all users' });
    busy += 1;
    try {
      const inUse = new Set([...(runs?.values() ?? [])].flatMap(({ slot }) => slot ?? []));
      const slot = await slots.take(context, inUse);
      if (slot === null) throw new PipelineError('RUN_LIMIT', { detail: ofOneUser });
      const cancel = clock.after(means.contextMs, () => {
        if (remove(context, 'expired')) {
          audit.note('expired', context);
          // All that bounds a run should have seen to its end: here is what is known of its user's.
          means.log.warn(
            {
              code: 'CONTEXT_EXPIRED',
              correlation_id: context.correlationId,
              user: userId,
              run: runId,
              trail: audit.of(userId),
            },
            'a run did not end',
          );
          expired();
        }
      });
      // Its last run may have ended while the store was asked: the user's runs are looked up again.
      const now = byUser.get(userId) ?? new Map<string, Registered>();
      byUser.set(userId, now.set(runId, { context, slot, cancel }));
      size += 1;
    } catch (thrown) {
      busy -= 1;
      throw thrown;
    }
  }

  /** Whether it was there. */
  function remove(context: UserExecutionContext, why: 'over' | 'expired'): boolean {
    const runs = byUser.get(context.userId);
    const registered = runs?.get(context.runId);
    if (runs === undefined || registered?.context !== context) return false;
    registered.cancel();
    runs.delete(context.runId);
    if (runs.size === 0) byUser.delete(context.userId);
    size -= 1;
    context.session.close();
    giveBack(registered, why);
    return true;
  }

  function giveBack(registered: Registered, why: 'over' | 'expired'): void {
    const { context, slot } = registered;
    if (slot === null) return;
    registered.slot = null;
    busy -= 1;
    // The store took the slot back when the context was too old: another run may have it by now.
    if (why === 'expired') return;
    slots.leave(context, slot).catch((thrown: unknown) => means.leaveFailed(context, thrown));
  }

  return {
    async create(asked, authenticatedUser, expired) {
      const { runId, userId } = asked;
      const correlationId = means.ids.next('corr');
      try {
        // More than may run have no reason to wait.
        if (turns.lengthOf(userId) >= limits.runsPerUser)
          throw new PipelineError('RUN_LIMIT', { detail: ofOneUser });
        return await turns.take(userId, async () => {
          const createdAt = clock.now();
          const context: UserExecutionContext = Object.freeze({
            userId,
            threadId: asked.threadId,
            runId,
            correlationId,
            createdAt,
            request: asked.request,
            session: means.openSession(asked, means.ids.next('session'), createdAt),
          });
          try {
            await register(context, authenticatedUser, expired);
          } catch (thrown) {
            context.session.close();
            throw thrown;
          }
          audit.note('created', context);
          return context;
        });
      } catch (thrown) {
        audit.note('refused', { userId, runId, correlationId }, codeOf(thrown));
        throw thrown;
      }
    },
    find({ runId, userId }) {
      const registered = byUser.get(userId)?.get(runId);
      if (registered === undefined) throw new PipelineError('CONTEXT_EXPIRED');
      return registered.context;
    },
    finish(context) {
      const registered = byUser.get(context.userId)?.get(context.runId);
      if (registered?.context === context) giveBack(registered, 'over');
    },
    release(context) {
      if (remove(context, 'over')) audit.note('released', context);
    },
    size: () => size,
  };
}

const ofOneUser = 'of one user';

interface Registered {
  readonly context: UserExecutionContext;
  /** Null once it was given back. */
  slot: number | null;
  readonly cancel: Cancel;
}
