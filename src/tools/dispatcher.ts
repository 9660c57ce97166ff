import type { AgentName, AgentTools, ToolOutcome } from '../agents/agent.ts';
import type { Blame, Circuits, CircuitsOptions } from '../breakers/circuits.ts';
import type { Alteration, Codec } from '../codec/codec.ts';
import { codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { RunEventPayloads } from '../messages.ts';
import type { Clock } from '../ports.ts';
import { redact } from './redact.ts';
import type { Tool, ToolCallContext } from './tool.ts';

/** What the tool calls of one agent in one run work with. */
export interface DispatcherOptions {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly agent: AgentName;
  /** Keep a user from a tool that fails for that user again and again. Absent: nothing does. */
  readonly circuits?: Circuits;
  readonly userId: string;
  readonly runId: string;
  /** Ends every call that is open, and lets no new one begin. */
  readonly signal: AbortSignal;
  /** Takes events in the order of its calls. Rejects with STORE_UNAVAILABLE. */
  emit<T extends 'tool_executing' | 'tool_completed'>(type: T, payload: RunEventPayloads[T]): Promise<void>;
  /** Details of a failed call, for the log. */
  failed(tool: string, code: ErrorCode, thrown: unknown): void;
  /** What encoding altered in a result; called where there was anything. */
  altered(tool: string, account: readonly Alteration[]): void;
}

/**
 * Runs the tools that an agent calls. Every call is shown before and after, also one that fails, is too
 * late, or names no tool; its result is encoded at once. A failure is an outcome: the promise rejects only
 * where an event cannot be made durable.
 */
export function createDispatcher(options: DispatcherOptions): AgentTools {
  let calls = 0;
  return {
    call(name, args, callId) {
      calls += 1;
      const id = callId ?? `${options.runId}.${options.agent}.tool-${calls}`;
      const outcome = callTool(options, name, args, id);
      // An agent may let go of the promise; that must not count as a rejection that nobody handles.
      outcome.catch(() => {});
      return outcome;
    },
  };
}

function callTool(
  options: DispatcherOptions,
  name: string,
  args: JsonObject,
  callId: string,
): Promise<ToolOutcome> {
  const { clock, codec, signal } = options;
  const tool_name = name.slice(0, nameMax);
  if (signal.aborted) {
    return Promise.resolve({ ok: false, tool: tool_name, code: codeOf(signal.reason, 'RUN_CANCELLED') });
  }

  return new Promise((resolve, reject) => {
    const startedAt = clock.now();
    const controller = new AbortController();
    let isOpen = true;
    let stopTimer = () => {};

    function close(): boolean {
      if (!isOpen) return false;
      isOpen = false;
      stopTimer();
      signal.removeEventListener('abort', onAbort);
      return true;
    }

    function complete(result: unknown): void {
      if (!isOpen) return;
      const { text, account } = codec.encode(result);
      const data = codec.decode(text);
      if (!close()) return;
      if (account.length > 0) options.altered(name, account);
      const execution_time_ms = clock.now() - startedAt;
      options
        .emit('tool_completed', {
          status: 'completed',
          call_id: callId,
          tool_name,
          result: data,
          account,
          execution_time_ms,
        })
        .then(() => resolve({ ok: true, tool: tool_name, data, account }), reject);
    }

    function fail(code: ErrorCode, thrown: unknown): void {
      if (!close()) return;
      options.failed(name, code, thrown);
      const execution_time_ms = clock.now() - startedAt;
      options
        .emit('tool_completed', { status: 'error', call_id: callId, tool_name, code, execution_time_ms })
        .then(() => resolve({ ok: false, tool: tool_name, code }), reject);
      controller.abort(thrown);
    }

    function onAbort(): void {
      fail(codeOf(signal.reason, 'RUN_CANCELLED'), signal.reason);
    }

    function onTime(): void {
      fail('TOOL_FAILED', new PipelineError('TOOL_FAILED', { detail: `${tool_name} did not end in time` }));
    }

    async function work(clean: Json): Promise<void> {
      const checked = check(options.tools.get(name), clean);
      if ('code' in checked)
        return fail(checked.code, new PipelineError(checked.code, { detail: tool_name }));
      stopTimer = clock.after(options.timeoutMs, onTime);
      try {
        const call: ToolCallContext = { userId: options.userId, runId: options.runId, callId };
        const run = () => checked.tool.run(checked.args, call, controller.signal);
        complete(await (options.circuits === undefined ? run() : behind(options.circuits, run)));
      } catch (thrown) {
        fail(codeOf(thrown, 'TOOL_FAILED'), thrown);
      }
    }

    /** A tool that never ends has failed once its call is over. */
    function behind(circuits: Circuits, run: () => Promise<unknown>): Promise<unknown> {
      // Made once the circuit lets the call through: nobody would take the rejection of one that it refuses.
      const over = () =>
        new Promise<never>((_resolve, reject) => {
          controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
        });
      return circuits.execute(`${options.userId} ${name}`, () => Promise.race([run(), over()]));
    }

    const encoded = codec.encode(args);
    const clean = codec.decode(encoded.text);
    const shown = redact(clean);
    signal.addEventListener('abort', onAbort, { once: true });
    options
      .emit('tool_executing', {
        status: 'executing',
        call_id: callId,
        tool_name,
        parameters: shown.value,
        account: [...encoded.account, ...shown.account],
      })
      .then(
        () => (isOpen ? work(clean) : undefined),
        (thrown) => {
          close();
          reject(thrown);
        },
      );
  });
}

/** After so many failures in a row a user's calls of a tool are refused for a while. */
export const toolCircuits = {
  name: 'tools',
  code: 'TOOL_CIRCUIT_OPEN',
  blame,
  failures: 5,
  halfOpenAfterMs: 5_000,
} as const satisfies Omit<CircuitsOptions, 'clock'>;

/** What a tool meets depends on whose call it is; a run that was stopped says nothing about it. */
function blame(thrown: unknown): Blame {
  return codeOf(thrown, 'TOOL_FAILED') === 'TOOL_FAILED' ? 'user' : 'nobody';
}

/** Characters of a tool's name in events: a model may ask for anything. */
const nameMax = 100;

function check(tool: Tool | undefined, args: Json): { tool: Tool; args: JsonObject } | { code: ErrorCode } {
  if (tool === undefined) return { code: 'TOOL_UNKNOWN' };
  const checked = tool.parameters.safeParse(args);
  return checked.success ? { tool, args: checked.data } : { code: 'TOOL_ARGUMENTS_INVALID' };
}
