import { z } from 'zod';
import type { AgentFailed, AgentName } from './agents/agent.ts';
import type { Alteration } from './codec/codec.ts';
import type { ErrorCode } from './errors.ts';
import type { Json } from './json.ts';

/**
 * The words on the client wire. One shape for all the server says: type, run, agent, time, sequence
 * number, payload. The subprotocol is `agent.v1`.
 */
export const subprotocol = 'agent.v1';

/** Ids that clients choose: they become parts of keys, so they hold nothing that a key gives a meaning to. */
export const clientId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);

export const startAgent = z.strictObject({
  type: z.literal('start_agent'),
  /** Chosen by the client; sending it again starts nothing twice. */
  run_id: clientId,
  thread_id: clientId,
  payload: z.strictObject({ user_request: z.string().min(1).max(10_000) }),
});

export const eventConfirmation = z.strictObject({
  type: z.literal('event_confirmation'),
  run_id: clientId,
  /** Cumulative: every event of the run up to and including this sequence number was received. */
  sequence: z.number().int().min(1),
});

export const resume = z.strictObject({
  type: z.literal('resume'),
  run_id: clientId,
  /** The last sequence number that the client has; 0 for none. */
  after: z.number().int().min(0),
});

export const ping = z.strictObject({ type: z.literal('ping') });

/** Compiled, for it reads every frame that comes in. */
export const clientMessage = z.compile(
  z.discriminatedUnion('type', [startAgent, eventConfirmation, resume, ping]),
);
export type ClientMessage = z.infer<typeof clientMessage>;
export type StartAgent = z.infer<typeof startAgent>;

/** Events of a run: appended to its durable log with a sequence number, then sent, then confirmed. */
export const runEventTypes = [
  'agent_started',
  'agent_thinking',
  'tool_executing',
  'tool_completed',
  'agent_completed',
  'run_completed',
  'run_failed',
] as const;
export type RunEventType = (typeof runEventTypes)[number];

/** One event of a run as a client sees it and as the log holds it. */
export interface RunEvent<T extends RunEventType = RunEventType> {
  readonly type: T;
  readonly run_id: string;
  readonly thread_id: string;
  /** The agent it is about; `supervisor` for the two that end a run. */
  readonly agent_name: AgentName | 'supervisor';
  /** ISO-8601, UTC. */
  readonly timestamp: string;
  /** 1, 2, 3… within the run, without gaps. */
  readonly sequence: number;
  readonly payload: RunEventPayloads[T];
}

export interface RunEventPayloads {
  agent_started: { status: 'started' };
  agent_thinking: { status: 'thinking'; reasoning: string; step_number: number };
  tool_executing: {
    status: 'executing';
    call_id: string;
    tool_name: string;
    parameters: Json;
    account: readonly Alteration[];
  };
  tool_completed:
    | {
        status: 'completed';
        call_id: string;
        tool_name: string;
        result: Json;
        account: readonly Alteration[];
        execution_time_ms: number;
      }
    | { status: 'error'; call_id: string; tool_name: string; code: ErrorCode; execution_time_ms: number };
  agent_completed:
    | {
        status: 'completed';
        result: Json;
        account: readonly Alteration[];
        cached_from?: string;
        execution_time_ms: number;
      }
    | { status: 'failed'; code: ErrorCode; because?: AgentName; execution_time_ms: number };
  run_completed: RunAnswer;
  run_failed: {
    code: ErrorCode;
    message: string;
    retry: string;
    remedy: string;
    correlation_id: string;
    missing: readonly AgentFailed[];
  };
}

/** How a run ends well: the report, and what is missing from it. */
export interface RunAnswer {
  readonly status: 'complete' | 'partial';
  readonly report: Json;
  readonly account: readonly Alteration[];
  /** The agents whose part is missing, and why; empty when `status` is `complete`. */
  readonly missing: readonly AgentFailed[];
  /** `scripted` where no real model answered, so that no answer passes for what it is not. */
  readonly model: string;
}

/** Messages outside a run's log; they carry no sequence number. */
export type ServerNotice =
  | {
      readonly type: 'connection_established';
      readonly connection_id: string;
      readonly user_id: string;
      readonly max_message_bytes: number;
      /**
       * A connection on which nothing came for `heartbeat_ms` is asked for a sign of life, and ends where none
       * comes within `heartbeat_deadline_ms`. Browsers do not show these pings: a client that wants to know
       * whether the server lives sends `ping` after as long a silence, and waits as long for anything to come.
       */
      readonly heartbeat_ms: number;
      readonly heartbeat_deadline_ms: number;
    }
  /** An agent is at work and has shown nothing for a while: never sent once the agent has ended. */
  | {
      readonly type: 'agent_heartbeat';
      readonly run_id: string;
      readonly agent_name: AgentName;
      /** Milliseconds since the agent began. */
      readonly age_ms: number;
      /** Milliseconds since it last showed anything. */
      readonly silent_ms: number;
    }
  | { readonly type: 'run_accepted'; readonly run_id: string; readonly thread_id: string }
  | { readonly type: 'pong' }
  /** A resume that cannot be served whole: events up to `available_from` - 1 are gone. */
  | {
      readonly type: 'events_lost';
      readonly run_id: string;
      readonly after: number;
      readonly available_from: number;
    }
  /**
   * Told at the beginning of a connection: events after `confirmed`, up to `sent`, of a run that is over or was
   * given up were sent and never confirmed. They can be had by a resume, until they expire.
   */
  | {
      readonly type: 'events_unconfirmed';
      readonly run_id: string;
      readonly confirmed: number;
      readonly sent: number;
    }
  | {
      readonly type: 'error';
      readonly code: ErrorCode;
      readonly message: string;
      readonly retry: string;
      readonly remedy: string;
      readonly correlation_id: string;
      readonly run_id?: string;
    };

export type ServerMessage = RunEvent | ServerNotice;

/** WebSocket close codes that the gateway uses; the reason is always an error code. */
export const closeCodes = {
  protocol: 1002,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011,
  restart: 1012,
  overload: 1013,
} as const;
