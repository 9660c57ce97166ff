import { describe, expect, it } from 'vitest';
import { type Circuits, createCircuits } from '../breakers/circuits.ts';
import { PipelineError } from '../errors.ts';
import type { Fetch, FetchInit } from '../ports.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { computeCostAndLatency } from '../tools/compute-cost-and-latency.ts';
import { createModelClient, type ModelClientOptions, modelCircuits } from './http-model-client.ts';

type Served = { status?: number; pieces?: readonly (string | Error | 'hang')[] } | Error | 'hang';

/** A client whose n-th request is answered by the n-th of `served`. */
function clientFor(served: readonly Served[], options: Partial<ModelClientOptions> = {}) {
  const clock = new ManualClock();
  const requests: { url: string; init: FetchInit }[] = [];
  const fetch: Fetch = async (url, init) => {
    requests.push({ url, init });
    const answer = served[requests.length - 1] ?? new Error('no more answers');
    if (answer instanceof Error) throw answer;
    if (answer === 'hang') return new Promise(() => {});
    const { status = 200, pieces = [] } = answer;
    return { status, headers: { get: () => null }, body: bodyOf(pieces), text: async () => '' };
  };
  const client = createModelClient({
    fetch,
    clock,
    url: 'http://model.test/v1',
    apiKey: 'key-1',
    model: 'test-model',
    tools: [computeCostAndLatency],
    timeoutMs: 1_000,
    ...options,
  });
  let n = 0;
  const caller = { userId: 'alice', runId: 'run-1', agent: 'data', nextRequest: () => ++n } as const;
  const ask = (signal = new AbortController().signal) =>
    client.complete({ messages: [{ role: 'user', content: 'hi' }] }, caller, signal);
  return { clock, requests, client, caller, ask };
}

function circuitsOf(failures: number): Circuits {
  return createCircuits({ ...modelCircuits, clock: new ManualClock(), failures, halfOpenAfterMs: 60_000 });
}

async function* bodyOf(pieces: readonly (string | Error | 'hang')[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    if (piece === 'hang') await new Promise(() => {});
    yield Buffer.from(piece);
  }
}

function chunk(delta: object, finish_reason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
}

const done = 'data: [DONE]\n\n';
const whole = [chunk({ content: 'a whole ' }), chunk({ content: 'answer' }), chunk({}, 'stop'), done];

/** The code with which a call ends, once time has passed. */
async function codeAfter(clock: ManualClock, call: Promise<unknown>, ms = 200): Promise<string> {
  const ended = call.then(
    () => 'answered',
    (thrown: unknown) => (thrown instanceof PipelineError ? thrown.code : `not coded: ${thrown}`),
  );
  await clock.pass(ms);
  return ended;
}

describe('an answer', () => {
  it('is put together from its chunks, asked for with name, key and the id of the request', async () => {
    const { ask, requests } = clientFor([{ pieces: whole }]);
    expect(await ask()).toEqual({ text: 'a whole answer', toolCalls: [] });
    expect(requests[0]?.url).toBe('http://model.test/v1/chat/completions');
    expect(requests[0]?.init.headers).toMatchObject({
      authorization: 'Bearer key-1',
      'x-client-request-id': 'alice/run-1/data/1',
    });
    expect(JSON.parse(requests[0]?.init.body ?? '')).toEqual({
      model: 'test-model',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
  });

  it('may ask for tools, in deltas; the exchange that follows is sent in the form of the API', async () => {
    const { client, caller, requests } = clientFor([
      {
        pieces: [
          chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'add', arguments: '{"a"' } }] }),
          chunk({ tool_calls: [{ index: 1, id: 'c2', function: { name: 'now', arguments: '' } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }, 'tool_calls') + done,
        ],
      },
      { pieces: whole },
    ]);
    const { signal } = new AbortController();
    const asked = await client.complete(
      { messages: [{ role: 'user', content: 'hi' }], tools: ['compute_cost_and_latency'] },
      caller,
      signal,
    );
    expect(asked.toolCalls).toEqual([
      { id: 'c1', name: 'add', arguments: { a: 1 } },
      { id: 'c2', name: 'now', arguments: {} },
    ]);
    const sent = JSON.parse(requests[0]?.init.body ?? '');
    expect(sent.tools[0]).toMatchObject({
      type: 'function',
      function: {
        name: 'compute_cost_and_latency',
        parameters: { type: 'object', additionalProperties: false },
      },
    });
    await client.complete(
      {
        messages: [
          { role: 'assistant', content: '', toolCalls: asked.toolCalls.slice(0, 1) },
          { role: 'tool', toolCallId: 'c1', content: '2' },
        ],
      },
      caller,
      signal,
    );
    expect(JSON.parse(requests[1]?.init.body ?? '').messages).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: '2' },
    ]);
    expect(requests[1]?.init.headers['x-client-request-id']).toBe('alice/run-1/data/2');
  });
});

describe('a failure', () => {
  const reset = new TypeError('fetch failed');
  const outcomes: [string, Served[], string, number][] = [
    ['that nobody can help', [{ status: 401 }], 'MODEL_REFUSED', 1],
    ['of the request', [{ status: 400 }], 'MODEL_REFUSED', 1],
    ['of an overloaded model is tried once more', [{ status: 429 }, { pieces: whole }], 'answered', 2],
    [
      'of an overloaded model that stays so',
      [{ status: 503 }, { status: 500 }, { pieces: whole }],
      'MODEL_OVERLOADED',
      2,
    ],
    ['of the network is tried once more', [reset, { pieces: whole }], 'answered', 2],
    ['of the network that stays so', [reset, reset, { pieces: whole }], 'MODEL_UNREACHABLE', 2],
    ['before the first chunk is tried once more', [{ pieces: [reset] }, { pieces: whole }], 'answered', 2],
    [
      'after the first chunk is not',
      [{ pieces: [whole[0] ?? '', reset] }, { pieces: whole }],
      'MODEL_UNREACHABLE',
      1,
    ],
    ['by a stream that just ends', [{ pieces: whole.slice(0, 2) }], 'MODEL_ANSWER_MALFORMED', 1],
    ['by an empty stream', [{}], 'MODEL_ANSWER_MALFORMED', 1],
    ['by an end without a finish', [{ pieces: [...whole.slice(0, 2), done] }], 'MODEL_ANSWER_MALFORMED', 1],
    [
      'by an answer cut for length',
      [{ pieces: [chunk({ content: 'x' }, 'length'), done] }],
      'MODEL_ANSWER_MALFORMED',
      1,
    ],
    [
      'by a chunk that is not JSON',
      [{ pieces: ['data: {"choices"\n\n', ...whole] }],
      'MODEL_ANSWER_MALFORMED',
      1,
    ],
    [
      'by a chunk of another shape',
      [{ pieces: ['data: {"choices":5}\n\n', ...whole] }],
      'MODEL_ANSWER_MALFORMED',
      1,
    ],
    [
      'told in the stream',
      [{ pieces: ['data: {"error":{"message":"x"}}\n\n'] }],
      'MODEL_ANSWER_MALFORMED',
      1,
    ],
  ];

  it.each(outcomes)('%s', async (_, served, code, requested) => {
    const { clock, ask, requests } = clientFor(served);
    expect(await codeAfter(clock, ask())).toBe(code);
    expect(requests).toHaveLength(requested);
    expect(clock.pending).toBe(0);
  });

  it('to answer in time ends at the deadline, whether nothing came or the stream stalls', async () => {
    for (const served of ['hang', { pieces: [whole[0] ?? '', 'hang'] }] as const) {
      const { clock, ask, requests } = clientFor([served]);
      expect(await codeAfter(clock, ask(), 1_000)).toBe('MODEL_TIMEOUT');
      expect(requests[0]?.init.signal?.aborted).toBe(true);
    }
  });

  it('by an answer without end is cut off at the limit', async () => {
    const { clock, ask } = clientFor([{ pieces: Array(100).fill(`data: ${'x'.repeat(100)}`) }], {
      answerBytesMax: 2_000,
    });
    expect(await codeAfter(clock, ask())).toBe('MODEL_ANSWER_MALFORMED');
  });

  it('that is an abort carries the code of its reason, also between two tries', async () => {
    for (const served of ['hang', { status: 503 }] as const) {
      const { clock, ask, requests } = clientFor([served]);
      const controller = new AbortController();
      const call = ask(controller.signal);
      call.catch(() => {});
      await settled();
      controller.abort(new PipelineError('RUN_TIMEOUT'));
      expect(await codeAfter(clock, call)).toBe('RUN_TIMEOUT');
      expect(requests).toHaveLength(1);
      expect(clock.pending).toBe(0);
    }
  });

  it('by its status lets go of the body', async () => {
    let cancelled = 0;
    const cancel = (): void => {
      cancelled += 1;
    };
    const body = () => new ReadableStream<Uint8Array>({ cancel });
    const { clock, ask } = clientFor([], {
      fetch: async () => ({ status: 503, headers: { get: () => null }, body: body(), text: async () => '' }),
    });
    expect(await codeAfter(clock, ask())).toBe('MODEL_OVERLOADED');
    expect(cancelled).toBe(2);
  });

  it('of many calls in a row opens the circuit', async () => {
    const { clock, ask, requests } = clientFor(Array(9).fill({ status: 503 }), {
      circuits: circuitsOf(4),
    });
    expect(await codeAfter(clock, ask())).toBe('MODEL_OVERLOADED');
    expect(await codeAfter(clock, ask())).toBe('MODEL_OVERLOADED');
    expect(await codeAfter(clock, ask())).toBe('MODEL_CIRCUIT_OPEN');
    expect(requests).toHaveLength(4);
  });

  it('is news for everybody only where no prompt can bring it about', async () => {
    const heard: string[] = [];
    const watch = { alive: () => heard.push('alive'), doubted: () => heard.push('doubted') };
    const slow = clientFor([{ pieces: ['hang'] }], { watch });
    expect(await codeAfter(slow.clock, slow.ask(), 1_000)).toBe('MODEL_TIMEOUT');
    expect(heard).toEqual([]);
    const down = clientFor(Array(2).fill({ status: 503 }), { watch });
    expect(await codeAfter(down.clock, down.ask())).toBe('MODEL_OVERLOADED');
    expect(heard).toEqual(['doubted', 'doubted']);
  });

  it('of requests that are wrong opens none', async () => {
    const { clock, ask, requests } = clientFor(Array(9).fill({ status: 400 }), {
      circuits: circuitsOf(2),
    });
    for (let call = 0; call < 5; call++) expect(await codeAfter(clock, ask())).toBe('MODEL_REFUSED');
    expect(requests).toHaveLength(5);
  });
});
