import type { AgentName, ModelAnswer, ModelRequest } from '../agents/agent.ts';

/** The model behind a circuit breaker, for all runs. */
export interface ModelClient {
  /** Stands in every answer: `scripted` where no real model answers. */
  readonly name: string;
  /**
   * One exchange; text and tool calls whole. Rejects with a PipelineError: MODEL_UNREACHABLE, MODEL_TIMEOUT,
   * MODEL_REFUSED, MODEL_OVERLOADED, MODEL_ANSWER_MALFORMED or MODEL_CIRCUIT_OPEN, or, where `signal` was
   * aborted, with the code of its reason.
   */
  complete(request: ModelRequest, caller: ModelCaller, signal: AbortSignal): Promise<ModelAnswer>;
}

/** Who asks. */
export interface ModelCaller {
  readonly userId: string;
  readonly runId: string;
  readonly agent: AgentName;
  /** 1, 2, 3… for each HTTP request of this agent in this run. */
  nextRequest(): number;
}
