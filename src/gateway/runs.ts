import type { AgentName } from '../agents/agent.ts';
import type { UserExecutionContext } from '../context/context.ts';
import type { ContextManager } from '../context/context-manager.ts';
import type { Delivery, LiveRun } from '../delivery/delivery.ts';
import type { Outlet } from '../delivery/outlet.ts';
import { codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunAnswer, RunEventPayloads, RunEventType } from '../messages.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import type { Prerequisites } from '../prerequisites/prerequisites.ts';
import { graceMsOf, stopMsOf } from '../run-deadline.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { Pulses } from './pulses.ts';

/** Accepts runs and sees each of them to its end. */
export interface Runs {
  /**
   * Makes the context, takes the run, tells the user `run_accepted`, and lets the supervisor work. Rejects
   * with the code of the refusal; then nothing was accepted. `done` resolves when the run has ended and the
   * user was told; it never rejects.
   */
  start(outlet: Outlet, asked: StartRequest): Promise<{ readonly done: Promise<void> }>;
  /** Takes no more runs, cancels what runs and waits for it, at most `shutdownMs`. */
  close(): Promise<void>;
}

export interface StartRequest {
  readonly runId: string;
  readonly threadId: string;
  readonly request: string;
  /** What the token grants; absent: it says nothing of it. */
  readonly scopes?: readonly string[];
}

export function createRuns(options: {
  readonly contexts: ContextManager;
  readonly delivery: Delivery;
  readonly supervisor: Supervisor;
  readonly prerequisites: Prerequisites;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly guard: MemoryGuard;
  readonly createPulses: GatewayParts['createPulses'];
  readonly runMs: number;
  readonly agentHeartbeatMs: number;
  readonly shutdownMs: number;
}): Runs {
  const { clock, contexts, delivery, log, metrics } = options;
  const working = new Map<Promise<void>, AbortController>();
  /** Runs whose context or acceptance is on its way to the store. */
  let accepting = 0;
  let closing = false;
  let whenIdle = (): void => {};

  function oneLess(): void {
    if (accepting === 0 && working.size === 0) whenIdle();
  }

  /** Resolves with the live run and its context; rejects where the run is refused, and then nothing of it is left. */
  async function accept(
    outlet: Outlet,
    asked: StartRequest,
    controller: AbortController,
  ): Promise<{ readonly context: UserExecutionContext; readonly live: LiveRun }> {
    await meetsPrerequisites(outlet.userId, asked);
    const { runId, threadId, request } = asked;
    const wanted = { userId: outlet.userId, runId, threadId, request };
    const context = await contexts.create(wanted, outlet.userId, () =>
      controller.abort(new PipelineError('CONTEXT_EXPIRED')),
    );
    try {
      const live = await delivery.accept(
        {
          user: context.userId,
          run: context.runId,
          threadId: context.threadId,
          correlationId: context.correlationId,
        },
        outlet,
      );
      if (live === null) throw new PipelineError('RUN_DUPLICATE');
      return { context, live };
    } catch (thrown) {
      contexts.release(context);
      throw thrown;
    }
  }

  /** A run that would fail is refused before anything is spent on it; one that is known already is none. */
  async function meetsPrerequisites(userId: string, { runId, scopes }: StartRequest): Promise<void> {
    try {
      await options.prerequisites.check({ userId, ...(scopes === undefined ? {} : { scopes }) });
    } catch (thrown) {
      if (isWorkedOn({ userId, runId })) throw new PipelineError('RUN_DUPLICATE', { cause: thrown });
      throw thrown;
    }
  }

  function isWorkedOn(run: { readonly userId: string; readonly runId: string }): boolean {
    try {
      contexts.find(run);
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves with what ended the supervisor's work without an end of the run; null where there is one. */
  async function supervise(
    context: UserExecutionContext,
    live: LiveRun,
    told: { outcome?: string },
    pulses: Pulses,
    signal: AbortSignal,
  ): Promise<unknown> {
    try {
      await options.supervisor.run(
        contexts.find(context),
        {
          emit: (type, agent, payload, pace) => {
            if (type === 'run_completed' || type === 'run_failed') contexts.finish(context);
            if (type === 'run_completed') told.outcome = (payload as RunAnswer).status;
            if (type === 'run_failed') told.outcome = (payload as RunEventPayloads['run_failed']).code;
            // Before the event is on its way: a pulse never follows the end that it belongs before.
            if (agent !== 'supervisor') follow(pulses, type, agent);
            return live.emit(type, agent, payload, pace);
          },
        },
        signal,
      );
      return live.ended() === null ? new PipelineError('INTERNAL', { detail: 'no end' }) : null;
    } catch (thrown) {
      return thrown ?? new PipelineError('INTERNAL');
    }
  }

  async function work(
    context: UserExecutionContext,
    live: LiveRun,
    controller: AbortController,
  ): Promise<void> {
    const told: { outcome?: string } = {};
    const { signal } = controller;
    const pulses = options.createPulses({
      clock,
      everyMs: options.agentHeartbeatMs,
      tell: (agent, ageMs, silentMs) =>
        live.tell({
          type: 'agent_heartbeat',
          run_id: context.runId,
          agent_name: agent,
          age_ms: ageMs,
          silent_ms: silentMs,
        }),
    });
    const deadline = clock.after(stopMsOf(options.runMs), () =>
      controller.abort(new PipelineError('RUN_TIMEOUT')),
    );
    let grace = (): void => {};
    const overdue = new Promise<unknown>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          grace = clock.after(graceMsOf(options.runMs), () => resolve(signal.reason));
        },
        { once: true },
      );
    });
    const thrown = await Promise.race([supervise(context, live, told, pulses, signal), overdue]);
    deadline();
    grace();
    pulses.stop();
    if (live.ended() === null) {
      const code: ErrorCode = codeOf(signal.aborted ? signal.reason : thrown);
      log.error(
        {
          code,
          correlation_id: context.correlationId,
          user: context.userId,
          run: context.runId,
          err: thrown,
        },
        'the run was ended for the supervisor',
      );
      told.outcome = code;
      contexts.finish(context);
      await live.fail(code);
      // Whatever it still does, it does for nobody.
      controller.abort(new PipelineError(code));
    }
    contexts.release(context);
    metrics.runEnded(told.outcome ?? 'INTERNAL', clock.now() - context.createdAt);
  }

  return {
    async start(outlet, asked) {
      if (closing) throw new PipelineError('SERVICE_NOT_READY', { detail: 'shutting down' });
      options.guard.admit();
      accepting += 1;
      const controller = new AbortController();
      const { context, live } = await accept(outlet, asked, controller).catch((thrown: unknown) => {
        accepting -= 1;
        oneLess();
        throw thrown;
      });
      accepting -= 1;
      metrics.runAccepted();
      outlet.notify({ type: 'run_accepted', run_id: context.runId, thread_id: context.threadId });
      const done = work(context, live, controller);
      working.set(done, controller);
      void done.finally(() => {
        working.delete(done);
        oneLess();
      });
      // Accepted while the others were cancelled: it ends as they do.
      if (closing) controller.abort(new PipelineError('RUN_CANCELLED'));
      return { done };
    },
    async close() {
      closing = true;
      for (const controller of working.values()) controller.abort(new PipelineError('RUN_CANCELLED'));
      await new Promise<void>((resolve) => {
        const cancel = clock.after(options.shutdownMs, resolve);
        whenIdle = () => {
          cancel();
          resolve();
        };
        oneLess();
      });
    },
  };
}

function follow(pulses: Pulses, type: RunEventType, agent: AgentName): void {
  if (type === 'agent_started') pulses.began(agent);
  else if (type === 'agent_completed') pulses.ended(agent);
  else pulses.showed(agent);
}
