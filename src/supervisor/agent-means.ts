import type { AgentMeans, AgentName } from '../agents/agent.ts';
import type { Circuits } from '../breakers/circuits.ts';
import type { Alteration } from '../codec/codec.ts';
import type { UserExecutionContext } from '../context/context.ts';
import { codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { ModelClient } from '../model/model-client.ts';
import type { Parts } from '../parts.ts';
import type { Clock } from '../ports.ts';
import { createDispatcher } from '../tools/dispatcher.ts';
import type { Tool } from '../tools/tool.ts';
import type { RunEvents } from './run-events.ts';

/** What all agents of one run share. */
export interface SharedMeans {
  readonly model: ModelClient;
  readonly codec: Parts['codec'];
  readonly tools: ReadonlyMap<string, Tool>;
  readonly clock: Clock;
  readonly toolTimeoutMs: number;
  readonly toolCircuits?: Circuits;
  readonly events: RunEvents;
  failed(where: string, code: ErrorCode, thrown: unknown): void;
  altered(where: string, account: readonly Alteration[], agent: AgentName): void;
}

/** The model, tools and events for one agent of one run; all of them go dead when `signal` is aborted. */
export function agentMeans(
  shared: SharedMeans,
  agent: AgentName,
  context: UserExecutionContext,
  signal: AbortSignal,
): AgentMeans {
  const { events } = shared;
  let requests = 0;
  let steps = 0;
  const caller = {
    userId: context.userId,
    runId: context.runId,
    agent,
    nextRequest() {
      requests += 1;
      return requests;
    },
  };
  return {
    model: {
      async complete(request) {
        if (signal.aborted) throw new PipelineError(codeOf(signal.reason, 'RUN_CANCELLED'));
        return shared.model.complete(request, caller, signal);
      },
    },
    tools: createDispatcher({
      tools: shared.tools,
      codec: shared.codec,
      clock: shared.clock,
      timeoutMs: shared.toolTimeoutMs,
      agent,
      ...(shared.toolCircuits === undefined ? {} : { circuits: shared.toolCircuits }),
      userId: context.userId,
      runId: context.runId,
      signal,
      emit: (type, payload) => events.emit(type, agent, payload),
      failed: shared.failed,
      altered: (tool, account) => shared.altered(tool, account, agent),
    }),
    emit: {
      thinking(reasoning) {
        if (signal.aborted) return Promise.resolve();
        steps += 1;
        return events.emit('agent_thinking', agent, { status: 'thinking', reasoning, step_number: steps });
      },
    },
  };
}
