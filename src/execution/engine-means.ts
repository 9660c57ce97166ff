import type { AgentMeans, AgentName, AgentOutcome } from '../agents/agent.ts';
import type { AgentRegistry } from '../agents/registry.ts';
import type { Codec } from '../codec/codec.ts';
import type { UserExecutionContext } from '../context/context.ts';
import type { Pace } from '../delivery/event-queue.ts';
import type { RunEventPayloads, RunEventType } from '../messages.ts';
import type { Clock } from '../ports.ts';
import type { RunPlace } from './places/place.ts';

/** What an engine works with; made for one run. */
export interface EngineMeans {
  readonly clock: Clock;
  readonly codec: Codec;
  readonly registry: AgentRegistry;
  /** Where this run's agents run. */
  readonly place: RunPlace;
  /** Milliseconds that one agent may take. */
  readonly agentTimeoutMs: number;
  /** The model, tools and events for one agent of this run; `signal` ends them. */
  means(agent: AgentName, context: UserExecutionContext, signal: AbortSignal): AgentMeans;
  /** Makes an event durable and sends it. Rejects with STORE_UNAVAILABLE; whoever calls may let go of the promise. */
  emit<T extends RunEventType>(
    type: T,
    agent: AgentName,
    payload: RunEventPayloads[T],
    pace?: Pace,
  ): Promise<void>;
  /** An earlier outcome for the same input of the same user, or null; and where to keep a new one. */
  readonly cache: {
    get(agent: AgentName, context: UserExecutionContext, input: unknown): Promise<AgentOutcome | null>;
    set(
      agent: AgentName,
      context: UserExecutionContext,
      input: unknown,
      outcome: AgentOutcome,
    ): Promise<void>;
  };
  /** Details of a failure go to the log; only its code goes on. */
  logFailure(agent: AgentName, code: string, thrown: unknown): void;
  /** The life of each instance, for the log. */
  lived(agent: AgentName, stage: LifeStage): void;
  /** Time and outcome of each agent, for `/metrics`. */
  measure(agent: AgentName, outcome: string, ms: number): void;
}

/** The turn began; its instance was made, and let go of; the turn ended. */
export type LifeStage = 'started' | 'created' | 'disposed' | 'ended';
