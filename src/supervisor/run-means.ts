import type { AgentName } from '../agents/agent.ts';
import type { Alteration } from '../codec/codec.ts';
import type { UserExecutionContext } from '../context/context.ts';
import type { Pace } from '../delivery/event-queue.ts';
import type { ErrorCode } from '../errors.ts';
import type { LifeStage } from '../execution/engine-means.ts';
import type { RunEventPayloads, RunEventType } from '../messages.ts';

/** Works on runs: one call for each run, which ends in exactly one `run_completed` or `run_failed`. */
export interface Supervisor {
  /**
   * Resolves when the run's last event was emitted. Rejects with the PipelineError STORE_UNAVAILABLE, and
   * with nothing else, when an event could not be made durable: then no event follows, and the caller tells
   * the user. Aborting `signal` ends the run as RUN_CANCELLED, or with the code of a PipelineError that is
   * the abort's reason.
   */
  run(context: UserExecutionContext, means: RunMeans, signal: AbortSignal): Promise<void>;
  /** What it works with and that is not there any more, in words. Absent: it cannot tell. */
  missingParts?(): readonly string[];
}

/** What the supervisor needs of the place where a run was accepted. Made for one run. */
export interface RunMeans {
  /**
   * Makes an event durable and sends it; events go out in the order of the calls. Once one is rejected so is
   * every later one.
   */
  emit<T extends RunEventType>(
    type: T,
    agent: AgentName | 'supervisor',
    payload: RunEventPayloads[T],
    pace?: Pace,
  ): Promise<void>;
}

/** Where the work on runs tells what it met: for logs and `/metrics`. None of these may throw. */
export interface RunWitness {
  /** Details of a failure, with the thrown value: they go to the log, never to a client. */
  failed(failure: WitnessedFailure): void;
  /** The life of one agent's instance in one turn. */
  agentLived(life: WitnessedLife): void;
  /** `outcome`: `completed`, `cached`, or the error code. */
  agentMeasured(agent: AgentName, outcome: string, ms: number): void;
  /** `refused`: an entry that is not exactly of the present shape. `failed`: the store did not answer. */
  cacheMeasured(agent: AgentName, result: 'hit' | 'miss' | 'refused' | 'failed' | 'stored'): void;
  /**
   * What encoding removed from or changed in the result of one agent or tool; called where there was
   * anything. `agent` is who returned it, or who called the tool.
   */
  altered(where: string, account: readonly Alteration[], agent: AgentName): void;
}

export interface WitnessedLife {
  readonly userId: string;
  readonly runId: string;
  readonly correlationId: string;
  readonly agent: AgentName;
  readonly stage: LifeStage;
}

export interface WitnessedFailure {
  readonly userId: string;
  readonly runId: string;
  readonly correlationId: string;
  /** The agent, the tool or the store that failed. */
  readonly where: string;
  readonly code: ErrorCode;
  readonly thrown: unknown;
}
