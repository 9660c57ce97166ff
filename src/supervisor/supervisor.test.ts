import { describe, expect, it } from 'vitest';
import { type AgentName, agentNames } from '../agents/agent.ts';
import { judgeContract } from '../contracts/contracts.ts';
import { PipelineError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { RunAnswer, RunEventPayloads } from '../messages.ts';
import { linesOf, RunBench, type SeenEvent, triageSaying, withAgent } from './run-bench.fixture.ts';
import { createSupervisor } from './supervisor.ts';

const request = 'How can I lower the cost of gpt-4o?';

function answerOf(events: readonly SeenEvent[]): RunAnswer {
  const last = events.at(-1);
  expect(last?.type).toBe('run_completed');
  return last?.payload as RunAnswer;
}

function failureOf(events: readonly SeenEvent[]): RunEventPayloads['run_failed'] {
  const last = events.at(-1);
  expect(last?.type).toBe('run_failed');
  return last?.payload as RunEventPayloads['run_failed'];
}

/** The agents in the order in which they ended, with their codes where they failed. */
function endsOf(events: readonly SeenEvent[]): string[] {
  return linesOf(events.filter(({ type }) => type === 'agent_completed')).map((line) =>
    line.replace(/^agent_completed /, '').replace(/ (completed|failed)/, ''),
  );
}

const throws = async () => {
  throw new Error('a foreign text');
};

describe('what an agent was given', () => {
  it.each([
    ['ends well', (found: unknown) => found, 4],
    ['fails', throws, 1],
  ])('is held by the run until its turn %s', async (_how, end, results) => {
    let held = 0;
    const heldAt: number[] = [];
    const bench = new RunBench({
      parts: (healthy) => {
        const asking = withAgent('data', async (...given) => {
          const found = await new healthy.agents.data().run(...given);
          heldAt.push(held);
          return end(found);
        });
        const looking = withAgent('reporting', async () => heldAt.push(held));
        return {
          ...looking(asking(healthy)),
          createLedger: (means) => {
            const ledger = healthy.createLedger(means);
            return {
              hold(bytes) {
                const letGo = ledger.hold(bytes);
                held += 1;
                return () => {
                  held -= 1;
                  letGo();
                };
              },
            };
          },
        };
      },
    });
    await bench.run(request);
    // An answer of the model and results of two tools; afterwards what agents found, and no more.
    expect(heldAt).toEqual([1 + 1 + 2, results]);
  });
});

describe('a healthy run', () => {
  it('shows every step in order, and ends in a complete answer', async () => {
    const { events } = await new RunBench().run(request);
    expect(linesOf(events)).toEqual([
      'agent_started triage',
      'agent_thinking triage',
      'agent_completed triage completed',
      'agent_started data',
      'agent_thinking data',
      'tool_executing data fetch_usage_metrics',
      'tool_completed data fetch_usage_metrics completed',
      'tool_executing data compute_cost_and_latency',
      'tool_completed data compute_cost_and_latency completed',
      'agent_completed data completed',
      'agent_started optimization',
      'agent_thinking optimization',
      'tool_executing optimization look_up_model_prices',
      'tool_completed optimization look_up_model_prices completed',
      'agent_completed optimization completed',
      'agent_started actions',
      'agent_thinking actions',
      'agent_completed actions completed',
      'agent_started reporting',
      'agent_thinking reporting',
      'agent_completed reporting completed',
      'run_completed supervisor complete',
    ]);
    expect(answerOf(events)).toMatchObject({
      status: 'complete',
      model: 'scripted',
      account: [],
      missing: [],
      report: {
        report_type: 'full_analysis',
        status: 'success',
        data_completeness: 1,
        metadata: {
          tool_calls: [
            'run-1.data.fetch_usage_metrics',
            'run-1.data.compute_cost_and_latency',
            'run-1.optimization.look_up_model_prices',
          ],
        },
      },
    });
  });

  it('keeps what each agent found, on contract and with an empty account, and leaves no timer', async () => {
    const bench = new RunBench();
    const { events } = await bench.run(request);
    const state = JSON.parse(bench.stored.get('test:u:alice:r:run-1:state') ?? '');
    expect(state).toMatchObject({ v: 1, phase: 'reporting' });
    for (const { agent, payload } of events.filter(({ type }) => type === 'agent_completed')) {
      const { result } = payload as unknown as { result: Json };
      expect(judgeContract(agent as AgentName, result, [])).toEqual([]);
      expect(state.outcomes[agent]).toEqual({ agent, ok: true, data: result, account: [] });
    }
    expect(bench.clock.pending).toBe(0);
    expect(bench.failures).toEqual([]);
  });

  it('asked again is answered from the cache, which says whose it was', async () => {
    const bench = new RunBench();
    const first = await bench.run(request);
    const again = await bench.run(request, { runId: 'run-2' });
    const completed = again.events.filter(({ type }) => type === 'agent_completed');
    expect(completed.map(({ payload }) => (payload as { cached_from?: string }).cached_from)).toEqual(
      Array(5).fill('run-1'),
    );
    expect(answerOf(again.events)).toEqual(answerOf(first.events));
    expect(bench.measured.filter((line) => line.startsWith('cache ')).slice(10)).toEqual(
      ['triage', 'data', 'optimization', 'actions', 'reporting'].map((agent) => `cache ${agent} hit`),
    );
  });
});

describe('the path after triage', () => {
  it.each([
    ['sufficient', ['triage', 'data', 'optimization', 'actions', 'reporting'], 'full_analysis'],
    ['partial', ['triage', 'data_helper', 'data', 'reporting'], 'partial_analysis'],
    ['insufficient', ['triage', 'data_helper', 'reporting'], 'partial_analysis'],
    ['unknown', ['triage', 'data_helper', 'reporting'], 'partial_analysis'],
  ])('%s', async (sufficiency, path, report_type) => {
    const { events } = await new RunBench({ parts: triageSaying(sufficiency) }).run(request);
    expect(endsOf(events)).toEqual(path);
    expect(answerOf(events)).toMatchObject({ status: 'complete', report: { report_type } });
  });

  it.each([
    ['lost', () => 1, [{ path: ['data_sufficiency'], kind: 'lost', reason: 'function' }]],
    [
      'something else',
      { back: new WeakRef({}) },
      [{ path: ['data_sufficiency', 'back'], kind: 'lost', reason: 'weak reference' }],
    ],
  ])('is the one that looks at the data where its word is %s', async (_, word, account) => {
    const { events } = await new RunBench({ parts: triageSaying(word) }).run(request);
    expect(events.find(({ type }) => type === 'agent_completed')?.payload).toMatchObject({ account });
    expect(endsOf(events)).toEqual(['triage', 'data', 'optimization', 'actions', 'reporting']);
    expect(answerOf(events).status).toBe('complete');
  });
});

describe('an agent that fails', () => {
  it.each([
    ['triage', ['triage AGENT_FAILED', 'data_helper', 'reporting'], 'fallback'],
    [
      'data',
      [
        'triage',
        'data AGENT_FAILED',
        'optimization INPUT_MISSING data',
        'actions INPUT_MISSING optimization',
        'reporting',
      ],
      'guidance',
    ],
    [
      'optimization',
      ['triage', 'data', 'optimization AGENT_FAILED', 'actions INPUT_MISSING optimization', 'reporting'],
      'guidance',
    ],
    ['actions', ['triage', 'data', 'optimization', 'actions AGENT_FAILED', 'reporting'], 'partial_analysis'],
  ] as const)('(%s) degrades the report to what is known', async (name, ends, report_type) => {
    const bench = new RunBench({ parts: withAgent(name, throws) });
    const { events } = await bench.run(request);
    expect(endsOf(events)).toEqual(ends);
    const failed = ends.flatMap((end) => {
      const [agent, code, because] = end.split(' ');
      return code === undefined
        ? []
        : [{ agent, ok: false, code, ...(because === undefined ? {} : { because }) }];
    });
    const answer = answerOf(events);
    expect(answer).toMatchObject({ status: 'partial', missing: failed, report: { report_type } });
    expect((answer.report as { missing: unknown }).missing).toEqual(
      failed.map(({ agent, code }) => ({ agent, code })),
    );
    expect(JSON.stringify(events)).not.toContain('a foreign text');
    expect(bench.failures).toMatchObject([
      { where: name, code: 'AGENT_FAILED', thrown: new Error('a foreign text') },
    ]);
  });

  it('and is the report itself ends the run by its code', async () => {
    const { events } = await new RunBench({ parts: withAgent('reporting', throws) }).run(request);
    expect(failureOf(events)).toMatchObject({
      code: 'AGENT_FAILED',
      correlation_id: 'corr-1',
      missing: [{ agent: 'reporting', code: 'AGENT_FAILED' }],
    });
  });

  it('by throwing what no log can read changes nothing for the run', async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const bench = new RunBench({ parts: withAgent('actions', () => Promise.reject(revoked.proxy)) });
    const { events } = await bench.run(request);
    expect(answerOf(events).missing).toEqual([{ agent: 'actions', ok: false, code: 'AGENT_FAILED' }]);
    expect(bench.failures).toMatchObject([{ where: 'actions', code: 'AGENT_FAILED' }]);
  });

  it('shows every agent begun and ended, skipped ones too', async () => {
    const { events } = await new RunBench({ parts: withAgent('data', throws) }).run(request);
    for (const agent of agentNames) {
      const own = linesOf(events.filter((event) => event.agent === agent));
      if (own.length === 0) continue;
      expect(own[0]).toBe(`agent_started ${agent}`);
      expect(own.filter((line) => /^agent_(started|completed)/.test(line))).toHaveLength(2);
      expect(own.at(-1)).toMatch(/^agent_completed/);
    }
  });

  it('is not remembered: the next run computes again', async () => {
    let calls = 0;
    const { agents } = new RunBench().options.parts;
    const bench = new RunBench({
      parts: withAgent('data', (input, means, signal) => {
        calls += 1;
        return calls === 1 ? throws() : new agents.data().run(input, means, signal);
      }),
    });
    expect(answerOf((await bench.run(request)).events).status).toBe('partial');
    expect(answerOf((await bench.run(request, { runId: 'run-2' })).events).status).toBe('complete');
  });
});

describe('a run that is stopped', () => {
  const stuck = withAgent('data', () => new Promise(() => {}));

  it('by its deadline ends in RUN_TIMEOUT, its agent shown as ended', async () => {
    const bench = new RunBench({ parts: stuck, runTimeoutMs: 1_000 });
    const { events } = await bench.run(request, { ms: 1_000 });
    expect(linesOf(events).slice(-2)).toEqual([
      'agent_completed data failed RUN_TIMEOUT',
      'run_failed supervisor RUN_TIMEOUT',
    ]);
    expect(failureOf(events).missing).toEqual([{ agent: 'data', ok: false, code: 'RUN_TIMEOUT' }]);
    expect(bench.clock.pending).toBe(0);
  });

  it('by its caller ends in the code of the reason', async () => {
    const controller = new AbortController();
    const bench = new RunBench({ parts: stuck });
    bench.clock.after(500, () => controller.abort());
    const { events } = await bench.run(request, { signal: controller.signal, ms: 500 });
    expect(failureOf(events).code).toBe('RUN_CANCELLED');
  });

  it('before it began runs no agent', async () => {
    const { events } = await new RunBench().run(request, { signal: AbortSignal.abort() });
    expect(linesOf(events)).toEqual(['run_failed supervisor RUN_CANCELLED']);
  });

  it('ends also where an engine does not listen, and what that does later is nobody’s', async () => {
    let emitLate = async () => {};
    const bench = new RunBench({
      parts: (healthy) => ({
        ...healthy,
        createEngine: (means) => {
          emitLate = () => means.emit('agent_started', 'triage', { status: 'started' });
          return { run: () => new Promise(() => {}) };
        },
      }),
      runTimeoutMs: 1_000,
    });
    const { events } = await bench.run(request, { ms: 1_250 });
    expect(linesOf(events)).toEqual(['run_failed supervisor RUN_TIMEOUT']);
    await expect(emitLate()).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    expect(events).toHaveLength(1);
  });
});

describe('a store that fails', () => {
  it('ends the run at the first event that is not durable; no event follows', async () => {
    for (let failingEvent = 1; failingEvent <= 22; failingEvent++) {
      const bench = new RunBench();
      bench.failingEvent = failingEvent;
      const { events, rejected } = await bench.run(request);
      expect(rejected).toBeInstanceOf(PipelineError);
      expect(rejected).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(events).toHaveLength(failingEvent - 1);
    }
  });

  it('for cache and state alone changes no answer, and is told', async () => {
    const bench = new RunBench();
    bench.storeFails = true;
    const { events } = await bench.run(request);
    expect(answerOf(events).status).toBe('complete');
    expect(new Set(bench.failures.map(({ where, code }) => `${where} ${code}`))).toEqual(
      new Set(['cache STORE_UNAVAILABLE', 'state STORE_UNAVAILABLE']),
    );
  });
});

it('an engine that throws what has no code ends the run as INTERNAL', async () => {
  const bench = new RunBench({
    parts: (healthy) => ({ ...healthy, createEngine: () => ({ run: throws }) }),
  });
  const { events } = await bench.run(request);
  expect(failureOf(events).code).toBe('INTERNAL');
  expect(bench.failures).toMatchObject([{ where: 'supervisor', code: 'INTERNAL' }]);
});

describe('at its start a supervisor', () => {
  const { options } = new RunBench();
  const starting = (changes: object) => () => createSupervisor({ ...options, ...changes });

  it.each([
    [
      'an agent',
      { parts: { ...options.parts, agents: { ...options.parts.agents, data: null } } },
      'the agent data',
    ],
    [
      'an agent under another name',
      { parts: { ...options.parts, agents: { ...options.parts.agents, data: options.parts.agents.triage } } },
      'the agent data',
    ],
    [
      'a tool',
      { parts: { ...options.parts, tools: options.parts.tools.slice(1) } },
      'the tool fetch_usage_metrics',
    ],
    ['all tools', { parts: { ...options.parts, tools: null } }, 'the tool look_up_model_prices'],
    ['the registry', { parts: { ...options.parts, createRegistry: undefined } }, 'the agent registry'],
    ['the model', { model: null }, 'the model client'],
    ['the model, which is there but empty', { model: {} }, 'the model client'],
    ['the cache', { cache: undefined }, 'the cache'],
    ['parts', { parts: undefined }, 'the codec'],
  ])('refuses to go on without %s, and says so', (_, changes, named) => {
    expect(starting(changes)).toThrow(PipelineError);
    expect(starting(changes)).toThrow(named);
    expect(starting(changes)).toThrow('CONFIGURATION_INVALID');
  });
});
