import type { Agent, AgentClass, AgentInput, AgentMeans, AgentName } from '../../src/agents/agent.ts';
import { agentNames } from '../../src/agents/agent.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import type { Parts } from '../../src/parts.ts';
import type { Tool, ToolCallContext } from '../../src/tools/tool.ts';
import type { EventDraft, Poisoned } from '../history.ts';
import type { MessageDraft } from '../message.ts';
import { codeOfThrown } from './code-of-thrown.ts';
import type { InsideHost } from './inside-host.ts';
import { plainCopy } from './plain-copy.ts';
import { poison } from './poison.ts';

/**
 * The same parts with every agent and tool wrapped: what goes in and comes out is recorded, faults on their
 * wires are carried out, and live objects are put into their results where the case says so.
 */
export function instrument(parts: Parts, host: InsideHost): Parts {
  const agents = agentNames.map((name) => [name, wrappedAgent(parts.agents[name], host)] as const);
  return {
    ...parts,
    agents: Object.fromEntries(agents) as Record<AgentName, AgentClass>,
    tools: parts.tools.map((tool) => wrappedTool(tool, host)),
  };
}

function wrappedAgent(Inner: AgentClass, host: InsideHost): AgentClass {
  return class InstrumentedAgent implements Agent {
    static readonly agentName = Inner.agentName;
    readonly #inner = new Inner();

    async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
      const agent = Inner.agentName;
      const about = { actor: `agent:${agent}`, user: input.user_id, run: input.run_id, agent };
      return exchange(host, {
        wire: 'agent',
        kind: agent,
        user: input.user_id,
        run: input.run_id,
        signal,
        carryOut: () => this.#inner.run(input, means, signal),
        asked: () => {
          const { json, plain } = plainCopy(input);
          return { ...about, type: 'agent-asked', input: json, ...(plain ? {} : { live: true }) };
        },
        returned: (clean, poisoned) => ({ ...about, type: 'agent-returned', clean, poisoned }),
        failed: (code) => ({ ...about, type: 'agent-failed', code }),
      });
    }

    dispose(): void {
      this.#inner.dispose?.();
    }
  };
}

function wrappedTool(tool: Tool, host: InsideHost): Tool {
  return {
    ...tool,
    run: async (args: JsonObject, call: ToolCallContext, signal: AbortSignal): Promise<unknown> => {
      const about = {
        actor: `tool:${tool.name}`,
        user: call.userId,
        run: call.runId,
        tool: tool.name,
        call: call.callId,
      };
      return exchange(host, {
        wire: 'tool',
        kind: tool.name,
        user: call.userId,
        run: call.runId,
        signal,
        carryOut: () => tool.run(args, call, signal),
        asked: () => ({ ...about, type: 'tool-called', arguments: plainCopy(args).json }),
        returned: (clean, poisoned) => ({ ...about, type: 'tool-returned', clean, poisoned }),
        failed: (code) => ({ ...about, type: 'tool-failed', code }),
      });
    },
  };
}

/** One request and its reply on an in-process wire. */
interface Exchange {
  readonly wire: 'agent' | 'tool';
  readonly kind: string;
  readonly user: string;
  readonly run: string;
  readonly signal: AbortSignal;
  carryOut(): Promise<unknown>;
  asked(): EventDraft;
  returned(clean: Json, poisoned: readonly Poisoned[]): EventDraft;
  failed(code: string): EventDraft;
}

async function exchange(host: InsideHost, on: Exchange): Promise<unknown> {
  host.record(on.asked());
  const request = await host.meet(draftOf(on, 'request'));
  if (request.fate.do === 'fail') {
    host.fired(request.meeting);
    host.record(on.failed(request.fate.error));
    throw named(request.fate.error);
  }
  host.passed(request.meeting);
  let result: unknown;
  try {
    result = await on.carryOut();
  } catch (thrown) {
    host.record(on.failed(codeOfThrown(thrown)));
    throw thrown;
  }
  const reply = await host.meet(draftOf(on, 'reply'));
  if (reply.fate.do === 'drop') {
    host.fired(reply.meeting);
    return untilAborted(on.signal);
  }
  const clean = plainCopy(result);
  if (!clean.plain) {
    host.record(on.failed('NOT_PLAIN'));
    host.passed(reply.meeting);
    return result;
  }
  const put =
    reply.poison.length === 0
      ? null
      : poison(structuredClone(clean.json), reply.poison, (poisoned, code) =>
          host.record(ranOf(on, poisoned, code)),
        );
  for (const { index } of put?.poisoned ?? []) host.poisoned(reply.meeting, index);
  host.record(on.returned(clean.json, put?.poisoned.map(({ poisoned }) => poisoned) ?? []));
  host.passed(reply.meeting);
  return put === null || put.poisoned.length === 0 ? result : put.result;
}

function draftOf(on: Exchange, direction: 'request' | 'reply'): MessageDraft {
  return { wire: on.wire, direction, user: on.user, run: on.run, kind: on.kind };
}

function ranOf(on: Exchange, { path, recipe }: Poisoned, code: string): EventDraft {
  const actor = `${on.wire}:${on.kind}`;
  const about = { actor, user: on.user, run: on.run, producer: on.kind };
  return { type: 'foreign-code-ran', ...about, path, recipe, code };
}

function named(error: string): Error {
  const thrown = new Error(error);
  thrown.name = error;
  return thrown;
}

/** Never settles but by the signal. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
