import type { ModelAnswer, ModelMessage, ModelRequest } from '../agents/agent.ts';
import { type Blame, type Circuits, type CircuitsOptions, createCircuits } from '../breakers/circuits.ts';
import { createRetryBudget } from '../breakers/retry-budget.ts';
import type { Watch } from '../dependencies/watch.ts';
import { codeOf, PipelineError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Clock, Dice, Fetch, FetchReply } from '../ports.ts';
import { schemaOf } from '../tools/define-tool.ts';
import type { Tool } from '../tools/tool.ts';
import { AnswerAssembly, malformed } from './answer.ts';
import type { ModelCaller, ModelClient } from './model-client.ts';
import { SseParser } from './sse.ts';

export interface ModelClientOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Base of the API, e.g. `https://api.openai.com/v1`. */
  readonly url: string;
  readonly apiKey: string;
  /** The model's name, for the API and in answers. */
  readonly model: string;
  /** Tools that agents may let the model ask for. */
  readonly tools: readonly Tool[];
  /** Milliseconds that one HTTP exchange may take, from the request to the last byte. */
  readonly timeoutMs: number;
  /** Milliseconds before the one retry, up to half as many more by dice. Default 100. */
  readonly retryAfterMs?: number;
  /** Absent: no jitter. */
  readonly dice?: Dice;
  /** Bytes of one answer's stream. Default 1 MiB. */
  readonly answerBytesMax?: number;
  /** Absent: circuits of its own. */
  readonly circuits?: Circuits;
  /** Told whether the model does its work. */
  readonly watch?: Pick<Watch, 'alive' | 'doubted'>;
}

/** After so many outages in a row calls are refused for a while. */
export const modelCircuits = {
  name: 'model',
  code: 'MODEL_CIRCUIT_OPEN',
  blame,
  failures: 10,
  halfOpenAfterMs: 5_000,
} as const satisfies Omit<CircuitsOptions, 'clock'>;

/** A model behind the OpenAI chat-completions API, streamed. */
export function createModelClient(options: ModelClientOptions): ModelClient {
  const circuits = options.circuits ?? createCircuits({ ...modelCircuits, clock: options.clock });
  const budget = createRetryBudget();
  const definitions = new Map(options.tools.map((tool) => [tool.name, definitionOf(tool)]));

  async function complete(request: ModelRequest, caller: ModelCaller, signal: AbortSignal) {
    const body = JSON.stringify({
      model: options.model,
      stream: true,
      messages: request.messages.map(wireMessage),
      ...toolsOf(request, definitions),
    });
    const { userId } = caller;
    const attempt = () =>
      circuits.execute(userId, () => watched(options, exchange(options, body, caller, signal)));
    budget.called(userId);
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof RetriableError) || !budget.spend(userId)) throw told(thrown);
    }
    try {
      await pause(options, signal);
      return await attempt();
    } catch (thrown) {
      throw told(thrown);
    }
  }

  return { name: options.model, complete };
}

/** Failures that may come again; what is wrong with one request says nothing about the next. */
const outages = ['MODEL_UNREACHABLE', 'MODEL_OVERLOADED', 'MODEL_TIMEOUT'];

/** Nothing of an answer had come yet, so that asking once more can do no harm. */
class RetriableError extends PipelineError {}

/** No request can bring this about: nobody is served. */
class EndpointDown extends RetriableError {}

/** A request may be such that it takes too long, or breaks the one who works on it: that is its user's affair. */
function blame(thrown: unknown): Blame {
  if (thrown instanceof EndpointDown) return 'everybody';
  return outages.includes(codeOf(thrown)) ? 'user' : 'nobody';
}

async function watched<T>({ watch }: ModelClientOptions, exchanging: Promise<T>): Promise<T> {
  try {
    const answer = await exchanging;
    watch?.alive();
    return answer;
  } catch (thrown) {
    // What one user's own prompt can bring about is no news for anybody else.
    if (blame(thrown) === 'everybody') watch?.doubted();
    throw thrown;
  }
}

/** One HTTP request and its answer, within the deadline. */
function exchange(
  options: ModelClientOptions,
  body: string,
  caller: ModelCaller,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  if (signal.aborted) return Promise.reject(cancelled(signal));
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    // Whatever the transport makes of the abort, the caller is answered now.
    const stop = (reason: PipelineError) => {
      settle();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = () => stop(cancelled(signal));
    const cancelTimer = options.clock.after(options.timeoutMs, () =>
      stop(new PipelineError('MODEL_TIMEOUT')),
    );
    const settle = () => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    ask(options, body, caller, controller.signal).then(
      (answer) => {
        settle();
        resolve(answer);
      },
      (thrown) => {
        settle();
        reject(thrown);
      },
    );
  });
}

async function ask(
  options: ModelClientOptions,
  body: string,
  caller: ModelCaller,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const { userId, runId, agent } = caller;
  const reply = await reach(
    options.fetch(`${options.url}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${options.apiKey}`,
        'x-client-request-id': `${userId}/${runId}/${agent}/${caller.nextRequest()}`,
      },
      body,
      signal,
    }),
  );
  if (reply.status < 200 || reply.status > 299) {
    // Nobody reads what it says; left open, it would hold its connection.
    if (reply.body !== null) letGo(reply.body[Symbol.asyncIterator]());
    throw refusal(reply.status);
  }
  return readAnswer(reply, options.answerBytesMax ?? 1024 * 1024);
}

async function reach(reply: Promise<FetchReply>): Promise<FetchReply> {
  try {
    return await reply;
  } catch (thrown) {
    throw new EndpointDown('MODEL_UNREACHABLE', { detail: 'no connection', cause: thrown });
  }
}

function refusal(status: number): PipelineError {
  const detail = `HTTP status ${status}`;
  if (status === 429 || status === 503) return new EndpointDown('MODEL_OVERLOADED', { detail });
  return status >= 500
    ? new RetriableError('MODEL_OVERLOADED', { detail })
    : new PipelineError('MODEL_REFUSED', { detail });
}

async function readAnswer(reply: FetchReply, bytesMax: number): Promise<ModelAnswer> {
  const parser = new SseParser();
  const answer = new AnswerAssembly();
  if (reply.body === null) return answer.finish();
  const pieces = reply.body[Symbol.asyncIterator]();
  let bytes = 0;
  let isOver = false;
  try {
    for (;;) {
      // Also where it fails.
      isOver = true;
      const next = await nextPiece(pieces, bytes > 0);
      if (next.done === true) return answer.finish();
      isOver = false;
      bytes += next.value.byteLength;
      if (bytes > bytesMax) throw malformed(`the answer is larger than ${bytesMax} bytes`);
      for (const data of parser.push(next.value)) {
        if (data === '[DONE]') return answer.finish();
        answer.add(data);
      }
    }
  } finally {
    if (!isOver) letGo(pieces);
  }
}

/** The body's next bytes; a connection that breaks on the way is told from an answer that is malformed. */
async function nextPiece(
  pieces: AsyncIterator<Uint8Array>,
  hasBegun: boolean,
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await pieces.next();
  } catch (thrown) {
    throw hasBegun
      ? new PipelineError('MODEL_UNREACHABLE', { detail: 'the answer broke off', cause: thrown })
      : new RetriableError('MODEL_UNREACHABLE', { detail: 'no answer', cause: thrown });
  }
}

/** Lets go of what is left of a body; how that ends changes nothing for the answer. */
function letGo(pieces: AsyncIterator<Uint8Array>): void {
  pieces.return?.()?.then(undefined, () => {});
}

function cancelled(signal: AbortSignal): PipelineError {
  return new PipelineError(codeOf(signal.reason, 'RUN_CANCELLED'), { cause: signal.reason });
}

function told(thrown: unknown): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  return new PipelineError('INTERNAL', { cause: thrown });
}

function pause({ clock, dice, retryAfterMs = 100 }: ModelClientOptions, signal: AbortSignal): Promise<void> {
  const jitter = dice === undefined ? 0 : dice.next() / 2;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal));
    const onAbort = () => {
      cancelTimer();
      reject(cancelled(signal));
    };
    const cancelTimer = clock.after(Math.round(retryAfterMs * (1 + jitter)), () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function toolsOf(request: ModelRequest, definitions: ReadonlyMap<string, Json>): { tools?: Json[] } {
  if (request.tools === undefined || request.tools.length === 0) return {};
  return {
    tools: request.tools.map((name) => {
      const definition = definitions.get(name);
      if (definition === undefined) throw new PipelineError('TOOL_UNKNOWN', { detail: name });
      return definition;
    }),
  };
}

function definitionOf(tool: Tool): Json {
  const parameters = tool.schema ?? schemaOf(tool.parameters);
  return { type: 'function', function: { name: tool.name, description: tool.description, parameters } };
}

function wireMessage(message: ModelMessage): Json {
  switch (message.role) {
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
    case 'assistant':
      return message.toolCalls === undefined
        ? { role: 'assistant', content: message.content }
        : {
            role: 'assistant',
            content: message.content,
            tool_calls: message.toolCalls.map(({ id, name, arguments: args }) => ({
              id,
              type: 'function',
              function: { name, arguments: JSON.stringify(args) },
            })),
          };
    default:
      return { role: message.role, content: message.content };
  }
}
