import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCircuits } from '../breakers/circuits.ts';
import { cleanJsonCodec } from '../codec/clean-json.ts';
import { PipelineError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { UsageRecord } from '../ports.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { createDispatcher, type DispatcherOptions, toolCircuits } from './dispatcher.ts';
import { redact } from './redact.ts';
import type { Tool } from './tool.ts';
import { createTools } from './tools.ts';

const records: UsageRecord[] = [100, 300, 200, 400].map((latencyMs, index) => ({
  id: `rec-${index}`,
  at: `2025-01-01T${String(index * 8).padStart(2, '0')}:00:00Z`,
  model: index === 3 ? 'unheard-of' : 'gpt-4o',
  latencyMs,
  promptTokens: 1_000,
  completionTokens: 500,
}));

const asked: unknown[] = [];
const tools = new Map(
  createTools({
    fetch: async (query) => {
      asked.push(query);
      return records;
    },
  }).map((tool) => [tool.name, tool]),
);

/** A dispatcher and everything that it showed. */
function dispatcher(extra: readonly Tool[] = [], options: Partial<DispatcherOptions> = {}) {
  const clock = new ManualClock();
  const controller = new AbortController();
  const events: { type: string; payload: Json }[] = [];
  const failures: string[] = [];
  const dispatch = createDispatcher({
    tools: new Map([...tools, ...extra.map((tool) => [tool.name, tool] as const)]),
    codec: cleanJsonCodec,
    clock,
    timeoutMs: 1_000,
    agent: 'data',
    userId: 'alice',
    runId: 'run-1',
    signal: controller.signal,
    emit: async (type, payload) => {
      events.push({ type, payload: JSON.parse(JSON.stringify(payload)) });
    },
    failed: (tool, code) => failures.push(`${tool} ${code}`),
    altered: () => {},
    ...options,
  });
  return { clock, controller, events, failures, call: dispatch.call };
}

function tool(name: string, run: Tool['run']): Tool {
  return { ...(tools.get('fetch_usage_metrics') as Tool), name, run };
}

async function dataOf(name: string, args: JsonObject): Promise<Json> {
  const outcome = await dispatcher().call(name, args);
  if (!outcome.ok) throw new Error(outcome.code);
  expect(outcome.account).toEqual([]);
  return outcome.data;
}

describe('the tools', () => {
  it("fetch the calling user's own records", async () => {
    expect(await dataOf('fetch_usage_metrics', {})).toEqual({
      records: records.map(({ id, at, model, latencyMs, promptTokens, completionTokens }) => ({
        id,
        at,
        model,
        latency_ms: latencyMs,
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
      })),
      records_left_out: 0,
    });
    expect(asked).toEqual([{ userId: 'alice', runId: 'run-1' }]);
  });

  it('compute cost and latency', async () => {
    const columns = {
      from: '2025-01-01T00:00:00Z',
      to: '2025-01-02T00:00:00Z',
      model: ['gpt-4o', 'gpt-4o', 'gpt-4o-mini', 'unheard-of'],
      latency_ms: [100, 300, 200, 400],
      prompt_tokens: [1_000_000, 1_000_000, 1_000_000, 5],
      completion_tokens: [0, 100_000, 0, 5],
    };
    expect(await dataOf('compute_cost_and_latency', columns)).toEqual({
      count: 4,
      latency_ms: { mean: 250, p50: 200, p95: 400, p99: 400 },
      tokens: { prompt: 3_000_005, completion: 100_005 },
      cost: {
        by_model: [
          { model: 'gpt-4o', calls: 2, usd: 6 },
          { model: 'gpt-4o-mini', calls: 1, usd: 0.15 },
          { model: 'unheard-of', calls: 1, usd: null },
        ],
        total_usd: 6.15,
        unpriced_models: ['unheard-of'],
      },
      calls_per_hour: 0.167,
      monthly_usd: 184.5,
    });
  });

  it('say of no records that nothing is known', async () => {
    const none = {
      from: null,
      to: null,
      model: [],
      latency_ms: [],
      prompt_tokens: [],
      completion_tokens: [],
    };
    expect(await dataOf('compute_cost_and_latency', none)).toMatchObject({
      count: 0,
      latency_ms: { mean: null, p50: null },
      cost: { by_model: [], total_usd: null },
      monthly_usd: null,
    });
  });

  it('take percentiles that at least that share of the values does not exceed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 200 }), async (latencies) => {
        const zeros = latencies.map(() => 0);
        const data = (await dataOf('compute_cost_and_latency', {
          from: null,
          to: null,
          model: latencies.map(() => 'gpt-4o'),
          latency_ms: latencies,
          prompt_tokens: zeros,
          completion_tokens: zeros,
        })) as { latency_ms: Record<string, number> };
        for (const percent of [50, 95, 99]) {
          const value = data.latency_ms[`p${percent}`] ?? Number.NaN;
          expect(latencies).toContain(value);
          const share = (test: (latency: number) => boolean) =>
            latencies.filter(test).length / latencies.length;
          expect(share((latency) => latency <= value)).toBeGreaterThanOrEqual(percent / 100);
          expect(share((latency) => latency < value)).toBeLessThan(percent / 100);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('look up prices, and name models that have none', async () => {
    expect(
      await dataOf('look_up_model_prices', { models: ['gpt-4o', 'constructor', 'gpt-4o'] }),
    ).toMatchObject({
      prices: [{ model: 'gpt-4o', prompt_usd_per_million: 2.5, completion_usd_per_million: 10 }],
      unknown_models: ['constructor'],
    });
  });
});

describe('a call', () => {
  it('is shown before and after', async () => {
    const { call, events } = dispatcher();
    await call('look_up_model_prices', { models: ['gpt-4o'] }, 'c1');
    expect(events).toMatchObject([
      {
        type: 'tool_executing',
        payload: {
          call_id: 'c1',
          tool_name: 'look_up_model_prices',
          parameters: { models: ['gpt-4o'] },
          account: [],
        },
      },
      {
        type: 'tool_completed',
        payload: { status: 'completed', call_id: 'c1', account: [], execution_time_ms: 0 },
      },
    ]);
  });

  it.each([
    ['of no tool', 'nothing', {}, 'TOOL_UNKNOWN'],
    ['with wrong arguments', 'look_up_model_prices', { models: 'gpt-4o' }, 'TOOL_ARGUMENTS_INVALID'],
    [
      'with columns of unequal length',
      'compute_cost_and_latency',
      { from: null, to: null, model: ['a'], latency_ms: [], prompt_tokens: [], completion_tokens: [] },
      'TOOL_ARGUMENTS_INVALID',
    ],
    ['that throws', 'throws', {}, 'TOOL_FAILED'],
    ['that throws something that cannot be asked what it is', 'throws-revoked', {}, 'TOOL_FAILED'],
  ])('%s is shown as failed, and is an outcome', async (_, name, args, code) => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const { call, events, failures } = dispatcher([
      tool('throws', () => Promise.reject(new Error('secret detail'))),
      tool('throws-revoked', () => Promise.reject(revoked.proxy)),
    ]);
    expect(await call(name, args as JsonObject)).toEqual({ ok: false, tool: name, code });
    expect(events.map(({ type }) => type)).toEqual(['tool_executing', 'tool_completed']);
    expect(events[1]?.payload).toMatchObject({ status: 'error', code });
    expect(JSON.stringify(events)).not.toContain('secret detail');
    expect(failures).toEqual([`${name} ${code}`]);
  });

  it('gives live results as data with an account', async () => {
    const { call, events } = dispatcher([tool('live', async () => ({ a: 1, f: () => 1 }))]);
    const account = [{ path: ['f'], kind: 'lost', reason: 'function' }];
    expect(await call('live', {})).toEqual({ ok: true, tool: 'live', data: { a: 1 }, account });
    expect(events[1]?.payload).toMatchObject({ result: { a: 1 }, account });
  });

  it('ends at its deadline, and what comes later is nobody’s', async () => {
    let finish = (_: unknown) => {};
    const { call, clock, events } = dispatcher([
      tool(
        'slow',
        (_args, _call, signal) =>
          new Promise((resolve) => {
            finish = resolve;
            signal.addEventListener('abort', () => {});
          }),
      ),
    ]);
    const outcome = call('slow', {});
    await clock.pass(1_000);
    expect(await outcome).toEqual({ ok: false, tool: 'slow', code: 'TOOL_FAILED' });
    finish('late');
    await settled();
    expect(events).toHaveLength(2);
    expect(events[1]?.payload).toMatchObject({ execution_time_ms: 1_000 });
  });

  it('that is open when its agent ends is shown as ended at once; none begins after', async () => {
    const { call, controller, events, clock } = dispatcher([tool('stuck', () => new Promise(() => {}))]);
    const outcome = call('stuck', {});
    await settled();
    controller.abort(new PipelineError('AGENT_TIMEOUT'));
    expect(events.map(({ type }) => type)).toEqual(['tool_executing', 'tool_completed']);
    expect(await outcome).toEqual({ ok: false, tool: 'stuck', code: 'AGENT_TIMEOUT' });
    expect(await call('look_up_model_prices', { models: [] })).toMatchObject({
      ok: false,
      code: 'AGENT_TIMEOUT',
    });
    expect(events).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('that an open circuit refuses is shown as refused, and leaves nothing behind that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (thrown: unknown): void => void unhandled.push(thrown);
    process.on('unhandledRejection', note);
    const clock = new ManualClock();
    const circuits = createCircuits({ ...toolCircuits, clock, failures: 1 });
    const broken = tool('broken', async () => Promise.reject(new Error('x')));
    const { call, failures } = dispatcher([broken], { clock, circuits });
    expect(await call('broken', {})).toMatchObject({ ok: false, code: 'TOOL_FAILED' });
    expect(await call('broken', {})).toMatchObject({ ok: false, code: 'TOOL_CIRCUIT_OPEN' });
    // Node tells of it once promise work is quiet.
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(failures).toEqual(['broken TOOL_FAILED', 'broken TOOL_CIRCUIT_OPEN']);
  });

  it('rejects where an event cannot be made durable, and nobody need listen', async () => {
    const emit = () => Promise.reject(new PipelineError('STORE_UNAVAILABLE'));
    const { call } = dispatcher([], { emit });
    await expect(call('look_up_model_prices', { models: [] })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });

  it('shows no secrets, and says where it hid them', () => {
    expect(
      redact({
        user: 'alice',
        nested: [{ api_key: 'k', prompt_tokens: 5, tokens: ['t'] }],
        Authorization: 'Bearer x',
        prompt_tokens: [1, 2],
        token: 7,
      }),
    ).toEqual({
      value: {
        user: 'alice',
        nested: [{ api_key: '[redacted]', prompt_tokens: 5, tokens: '[redacted]' }],
        Authorization: '[redacted]',
        prompt_tokens: [1, 2],
        token: '[redacted]',
      },
      account: [
        { path: ['nested', 0, 'api_key'], kind: 'changed', reason: 'redacted' },
        { path: ['nested', 0, 'tokens'], kind: 'changed', reason: 'redacted' },
        { path: ['Authorization'], kind: 'changed', reason: 'redacted' },
        { path: ['token'], kind: 'changed', reason: 'redacted' },
      ],
    });
  });
});
