import type { Alteration } from '../codec/codec.ts';
import type { ErrorCode } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';

export const agentNames = ['triage', 'data', 'data_helper', 'optimization', 'actions', 'reporting'] as const;
export type AgentName = (typeof agentNames)[number];

/** What an agent is given: plain data, safe to send to another thread or process. */
export interface AgentInput {
  readonly user_id: string;
  readonly thread_id: string;
  readonly run_id: string;
  readonly request: string;
  /** What the workflow asks of this agent in its place, e.g. `full_report`. */
  readonly assignment: string;
  /** The outcomes that this agent's place in the workflow hands to it. */
  readonly results: { readonly [agent in AgentName]?: AgentOutcome };
}

/** What came of one agent, as it is handed on, stored and sent. */
export type AgentOutcome = AgentSucceeded | AgentFailed;

export interface AgentSucceeded {
  readonly agent: AgentName;
  readonly ok: true;
  readonly data: Json;
  /** What encoding removed from or changed in `data`. */
  readonly account: readonly Alteration[];
  /** The run that computed it, where it came out of the cache. */
  readonly cached_from?: string;
}

export interface AgentFailed {
  readonly agent: AgentName;
  readonly ok: false;
  readonly code: ErrorCode;
  /** For INPUT_MISSING: the agent whose result is missing. */
  readonly because?: AgentName;
}

/** What an agent may use. All of it belongs to one run of one user and goes dead with it. */
export interface AgentMeans {
  readonly model: AgentModel;
  readonly tools: AgentTools;
  readonly emit: AgentEmit;
}

export interface AgentModel {
  /** One exchange with the model; text and tool calls as streamed, whole. Rejects with a PipelineError. */
  complete(request: ModelRequest): Promise<ModelAnswer>;
}

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  /** Names of the tools that the model may ask for. */
  readonly tools?: readonly string[];
}

export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ModelToolCall[] }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly content: string };

export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
}

export interface AgentTools {
  /** Runs a tool, shown to the user before and after. Never rejects: a failure is an outcome. */
  call(name: string, args: JsonObject, callId?: string): Promise<ToolOutcome>;
}

export type ToolOutcome =
  | { readonly ok: true; readonly tool: string; readonly data: Json; readonly account: readonly Alteration[] }
  | { readonly ok: false; readonly tool: string; readonly code: ErrorCode };

export interface AgentEmit {
  /** Shows the user a step of the agent's thinking (`agent_thinking`). */
  thinking(reasoning: string): Promise<void>;
}

/**
 * One agent. `run` may return anything at all: the result is encoded where it ran, so that nothing live
 * reaches what follows. A fresh instance serves one run and is disposed after it.
 */
export interface Agent {
  run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown>;
  /** Lets go of what the instance holds. Called once, whatever happened. */
  dispose?(): void;
}

export interface AgentClass {
  new (): Agent;
  readonly agentName: AgentName;
}
