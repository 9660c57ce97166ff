import { types } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Agent, AgentOutcome } from '../agents/agent.ts';
import { cleanJsonCodec } from '../codec/clean-json.ts';
import { PipelineError } from '../errors.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { contextOf } from '../supervisor/run-bench.fixture.ts';
import type { Step } from './engine.ts';
import type { EngineMeans } from './engine-means.ts';
import { createInProcessPlace } from './places/in-process.ts';
import { createEngine } from './user-engine.ts';

const optimization = {
  optimization_type: 'caching',
  recommendations: ['a', 'b'],
  confidence_score: 0.5,
  metadata: { tool_calls: [] as string[] },
};

/** An engine whose agent `optimization` is what a test says, and everything that it told. */
function bench(run: Agent['run'], members: Partial<Agent> = {}, toolOutcome: { ok: boolean } = { ok: true }) {
  const clock = new ManualClock();
  const told: string[] = [];
  const cached = new Map<string, AgentOutcome>();
  class TestAgent {
    static readonly agentName = 'optimization';
    run = run;
    dispose = () => {
      told.push('disposed');
      members.dispose?.();
    };
  }
  const means: EngineMeans = {
    clock,
    codec: cleanJsonCodec,
    registry: { fresh: () => new TestAgent() },
    place: createInProcessPlace().open(),
    agentTimeoutMs: 1_000,
    means: (_agent, _context, signal) => ({
      model: { complete: async () => ({ text: '', toolCalls: [] }) },
      tools: {
        call: async (tool) => ({ ...toolOutcome, tool, code: 'TOOL_FAILED', data: 1, account: [] }) as never,
      },
      emit: { thinking: async () => void told.push(signal.aborted ? 'dead' : 'alive') },
    }),
    emit: async (type, _agent, payload) => {
      told.push(type === 'agent_started' ? type : `${type} ${JSON.stringify(payload)}`);
    },
    cache: {
      get: async (_agent, _context, input) => cached.get(JSON.stringify(input)) ?? null,
      set: async (_agent, _context, input, outcome) => void cached.set(JSON.stringify(input), outcome),
    },
    logFailure: (agent, code, thrown) =>
      told.push(`log ${agent} ${code} ${types.isNativeError(thrown) ? thrown.message : ''}`),
    lived: () => {},
    measure: (agent, outcome, ms) => told.push(`measure ${agent} ${outcome} ${ms}`),
  };
  const controller = new AbortController();
  const step: Step = {
    agent: 'optimization',
    assignment: 'strategies',
    context: contextOf('cheaper?'),
    results: {},
    signal: controller.signal,
  };
  const engine = createEngine(means);
  return {
    clock,
    told,
    cached,
    controller,
    step,
    run: (changes: Partial<Step> = {}) => engine.run({ ...step, ...changes }),
  };
}

describe('a turn', () => {
  it('is shown from start to end, encoded, measured, and its instance disposed of', async () => {
    const { run, told } = bench(async () => optimization);
    expect(await run()).toEqual({ agent: 'optimization', ok: true, data: optimization, account: [] });
    expect(told).toEqual([
      'agent_started',
      'disposed',
      'measure optimization completed 0',
      `agent_completed ${JSON.stringify({ status: 'completed', result: optimization, account: [], execution_time_ms: 0 })}`,
    ]);
  });

  it('gives what is foreign in a result as an account, and remembers both', async () => {
    const { run } = bench(async () => ({ ...optimization, recommendations: ['a', () => 1] }));
    const outcome = {
      agent: 'optimization',
      ok: true,
      data: { ...optimization, recommendations: ['a', null] },
      account: [{ path: ['recommendations', 1], kind: 'lost', reason: 'function' }],
    };
    expect(await run()).toEqual(outcome);
    expect(await run()).toEqual(outcome);
  });

  it('runs a fresh instance each time', async () => {
    const seen = new Set<unknown>();
    const { run } = bench(async function (this: unknown) {
      seen.add(this);
      return optimization;
    });
    await run();
    await run({ assignment: 'other' });
    expect(seen.size).toBe(2);
  });

  it('that was computed before comes out of the cache, whoever computed it', async () => {
    let calls = 0;
    const { run, told } = bench(async () => {
      calls += 1;
      return optimization;
    });
    const results = (cached_from: string): Step['results'] => ({
      data: { agent: 'data', ok: true, data: { a: 1 }, account: [], cached_from },
    });
    await run({ results: results('run-1') });
    await run({ results: results('run-2') });
    expect(calls).toBe(1);
    await run({ results: {} });
    await run({ context: contextOf('faster?') });
    expect(calls).toBe(3);
    expect(told.filter((line) => line === 'disposed')).toHaveLength(3);
  });

  it('in which a tool failed is not remembered', async () => {
    const { run, cached } = bench(
      async (_input, means) => {
        await means.tools.call('x', {});
        return optimization;
      },
      {},
      { ok: false },
    );
    expect(await run()).toMatchObject({ ok: true });
    expect(cached.size).toBe(0);
  });
});

describe('a turn fails', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();

  it.each<[string, Agent['run'], string, string]>([
    ['when the agent rejects', async () => Promise.reject(new Error('x')), 'AGENT_FAILED', 'x'],
    [
      'when it throws at once',
      () => {
        throw new Error('y');
      },
      'AGENT_FAILED',
      'y',
    ],
    [
      'when it throws what cannot be asked',
      async () => {
        throw revoked.proxy;
      },
      'AGENT_FAILED',
      '',
    ],
    [
      'with the code of what it met',
      async () => {
        throw new PipelineError('MODEL_OVERLOADED');
      },
      'MODEL_OVERLOADED',
      'MODEL_OVERLOADED',
    ],
    [
      'when it returns nothing',
      async () => undefined,
      'AGENT_RETURNED_NOTHING',
      'AGENT_RETURNED_NOTHING: optimization',
    ],
    [
      'when it returns null',
      async () => null,
      'AGENT_RETURNED_NOTHING',
      'AGENT_RETURNED_NOTHING: optimization',
    ],
    [
      'when its result is off contract',
      async () => ({ ...optimization, extra: 1, confidence_score: 'high' }),
      'RESULT_OFF_CONTRACT',
      'RESULT_OFF_CONTRACT: optimization at confidence_score, extra',
    ],
  ])('%s', async (_, agent, code, logged) => {
    const { run, told, clock, cached } = bench(agent);
    expect(await run()).toEqual({ agent: 'optimization', ok: false, code });
    expect(told).toEqual([
      'agent_started',
      'disposed',
      `log optimization ${code} ${logged}`,
      `measure optimization ${code} 0`,
      `agent_completed {"status":"failed","code":"${code}","execution_time_ms":0}`,
    ]);
    expect(clock.pending).toBe(0);
    expect(cached.size).toBe(0);
  });

  it('when its time is up; what comes later is ignored, and what it was given is dead', async () => {
    for (const late of [() => Promise.resolve(optimization), () => Promise.reject(new Error('late'))]) {
      let finish = () => {};
      const { run, told, clock } = bench(async (_input, means) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        await means.emit.thinking('late');
        return late();
      });
      const outcome = run();
      await clock.pass(1_000);
      expect(await outcome).toEqual({ agent: 'optimization', ok: false, code: 'AGENT_TIMEOUT' });
      const before = told.length;
      finish();
      await settled();
      expect(told.slice(before)).toEqual(['dead', 'disposed']);
    }
  });

  it('when the run is stopped, with the code of the reason, also if it was stopped before', async () => {
    const { run, controller, clock } = bench(() => new Promise(() => {}));
    const outcome = run();
    await settled();
    controller.abort(new PipelineError('RUN_TIMEOUT'));
    expect(await outcome).toMatchObject({ ok: false, code: 'RUN_TIMEOUT' });
    expect(await run()).toMatchObject({ ok: false, code: 'RUN_TIMEOUT' });
    expect(clock.pending).toBe(0);
  });

  it('and goes on where letting go of the instance fails', async () => {
    const { run, told } = bench(async () => optimization, {
      dispose: () => {
        throw new Error('stuck');
      },
    });
    expect(await run()).toMatchObject({ ok: true });
    expect(told).toContain('log optimization INTERNAL stuck');
  });
});
