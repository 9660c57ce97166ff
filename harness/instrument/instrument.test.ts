import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Agent, AgentClass, AgentInput, AgentMeans, AgentName } from '../../src/agents/agent.ts';
import { agentNames } from '../../src/agents/agent.ts';
import type { Parts } from '../../src/parts.ts';
import type { Case } from '../case.ts';
import { eventsOf } from '../history.ts';
import { stagedPlay } from '../staged-play.fixture.ts';
import { directHost } from './direct-host.ts';
import { instrument } from './instrument.ts';

const input: AgentInput = {
  user_id: 'alice',
  thread_id: 't',
  run_id: 'run-1',
  request: 'why',
  assignment: 'insights',
  results: {},
};
const clean = { metrics: { p95: 800 }, list: [1] };
const call = { userId: 'alice', runId: 'run-1', callId: 'call-1' };
const means = {} as AgentMeans;
const agentReply = { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 } as const;
const quiet = new AbortController().signal;

describe('a wrapped agent', () => {
  it('does what it did, and what it was asked and returned is recorded', async () => {
    const { agent, history } = setUp({});
    expect(await agent.run(input, means, quiet)).toBe(clean);
    expect(history().events.map(({ type, message, actor }) => [type, message ?? actor])).toEqual([
      ['agent-asked', 'agent:data'],
      ['passed', 'agent>alice/run-1/data#1'],
      ['agent-returned', 'agent:data'],
      ['passed', 'agent<alice/run-1/data#1'],
    ]);
    expect(eventsOf(history(), 'agent-asked')).toMatchObject([{ agent: 'data', input }]);
    expect(eventsOf(history(), 'agent-returned')).toMatchObject([{ clean, poisoned: [] }]);
  });

  it('records that it was handed a live object, and runs no code of it', async () => {
    const { agent, history } = setUp({});
    const live = {
      ...input,
      results: {
        triage: {
          get data(): never {
            throw new Error('read');
          },
        },
      },
    };
    await agent.run(live as never, means, quiet);
    await agent.run(input, means, quiet);
    expect(eventsOf(history(), 'agent-asked').map((event) => event.live)).toEqual([true, undefined]);
  });

  it('keeps its class name, a fresh instance for each, and its disposal', async () => {
    const disposed: number[] = [];
    let made = 0;
    const Inner = agentClass(
      async () => clean,
      (n) => disposed.push(n),
      () => ++made,
    );
    const { parts } = setUp({}, Inner);
    expect(parts.agents.data.agentName).toBe('data');
    const before = made;
    const [first, second] = [new parts.agents.data(), new parts.agents.data()];
    expect(made).toBe(before + 2);
    second.dispose?.();
    first.dispose?.();
    expect(disposed).toEqual([before + 2, before + 1]);
  });

  it('throws by a fault, without being run', async () => {
    let ran = false;
    const { agent, history, fired } = setUp(
      { faults: [{ at: { wire: 'agent', kind: 'data' }, fate: { do: 'fail', error: 'AgentCrashed' } }] },
      agentClass(async () => {
        ran = true;
      }),
    );
    await expect(agent.run(input, means, quiet)).rejects.toMatchObject({ name: 'AgentCrashed' });
    expect(ran).toBe(false);
    expect(fired()).toEqual(['fail agent']);
    expect(eventsOf(history(), 'agent-failed')).toMatchObject([{ code: 'AgentCrashed' }]);
  });

  it('never returns where its result is dropped, until it is called off', async () => {
    const { agent, fired } = setUp({
      faults: [{ at: { wire: 'agent', direction: 'reply' }, fate: { do: 'drop' } }],
    });
    const controller = new AbortController();
    const running = agent.run(input, means, controller.signal);
    const first = await Promise.race([
      running.catch(() => 'rejected'),
      new Promise((go) => setTimeout(go, 20, 'waits')),
    ]);
    expect(first).toBe('waits');
    expect(fired()).toEqual(['drop agent']);
    controller.abort(new Error('late'));
    await expect(running).rejects.toThrow('late');
  });

  it('waits out a delay', async () => {
    const { agent, clock } = setUp({
      faults: [{ at: { wire: 'agent', direction: 'reply' }, fate: { do: 'delay', ms: 50 } }],
    });
    let done = false;
    const running = agent.run(input, means, quiet).then(() => {
      done = true;
    });
    await clock.pass(49);
    expect(done).toBe(false);
    await clock.pass(1);
    expect(done).toBe(true);
    await running;
  });

  it('records the code of what it throws, and throws it', async () => {
    const thrown = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    const { agent, history } = setUp(
      {},
      agentClass(async () => Promise.reject(thrown)),
    );
    await expect(agent.run(input, means, quiet)).rejects.toBe(thrown);
    expect(eventsOf(history(), 'agent-failed')).toMatchObject([{ code: 'ECONNREFUSED' }]);
  });

  it('returns the poison that the case puts in, and the clean twin is recorded', async () => {
    const { agent, history, fired } = setUp({
      contaminations: [
        { at: agentReply, path: ['metrics', 'p95'], recipe: 'function' },
        { at: agentReply, path: ['nowhere'], recipe: 'function' },
      ],
    });
    expect(await agent.run(input, means, quiet)).toEqual({
      metrics: { p95: expect.any(Function) },
      list: [1],
    });
    expect(clean.metrics.p95).toBe(800);
    expect(eventsOf(history(), 'agent-returned')).toMatchObject([
      { clean, poisoned: [{ path: ['metrics', 'p95'], recipe: 'function' }] },
    ]);
    expect(fired()).toEqual(['contaminate agent']);
    expect(eventsOf(history(), 'fault-fired')[0]?.fault).toBe(0);
    expect(await agent.run(input, means, quiet)).toBe(clean);
  });

  it('passes on what is not plain by itself, and says so', async () => {
    const live = { session: new Map() };
    const { agent, history, fired } = setUp(
      { contaminations: [{ at: agentReply, path: ['session'], recipe: 'function' }] },
      agentClass(async () => live),
    );
    expect(await agent.run(input, means, quiet)).toBe(live);
    expect(eventsOf(history(), 'agent-failed')).toMatchObject([{ code: 'NOT_PLAIN' }]);
    expect(fired()).toEqual([]);
  });
});

describe('a wrapped tool', () => {
  it('does what it did, and its call and result are recorded', async () => {
    const { tool, history } = setUp({});
    expect(await tool.run({ days: 30 }, call, quiet)).toBe(clean);
    expect([tool.name, tool.description]).toEqual(['look_up', 'looks up']);
    expect(eventsOf(history(), 'tool-called')).toMatchObject([
      {
        actor: 'tool:look_up',
        user: 'alice',
        run: 'run-1',
        tool: 'look_up',
        call: 'call-1',
        arguments: { days: 30 },
      },
    ]);
    expect(eventsOf(history(), 'tool-returned')).toMatchObject([{ call: 'call-1', clean, poisoned: [] }]);
  });

  it('throws by a fault', async () => {
    const { tool, history } = setUp({
      faults: [{ at: { wire: 'tool' }, fate: { do: 'fail', error: 'ToolBroke' } }],
    });
    await expect(tool.run({}, call, quiet)).rejects.toMatchObject({ name: 'ToolBroke' });
    expect(eventsOf(history(), 'tool-failed')).toMatchObject([{ tool: 'look_up', code: 'ToolBroke' }]);
  });

  it('returns poison', async () => {
    const at = { ...agentReply, wire: 'tool', kind: 'look_up' } as const;
    const { tool, history } = setUp({ contaminations: [{ at, path: [], recipe: 'bigint' }] });
    expect(await tool.run({}, call, quiet)).toBe(9_007_199_254_740_993n);
    expect(eventsOf(history(), 'tool-returned')).toMatchObject([
      { clean, poisoned: [{ path: [], recipe: 'bigint' }] },
    ]);
  });
});

function setUp(
  plan: Partial<Pick<Case, 'faults' | 'contaminations'>>,
  data: AgentClass = agentClass(async () => clean),
) {
  const { clock, recorder, director } = stagedPlay(plan);
  const bare = {
    agents: Object.fromEntries(agentNames.map((name) => [name, data])) as Record<AgentName, AgentClass>,
    agentSources: {},
    tools: [
      {
        name: 'look_up',
        description: 'looks up',
        parameters: z.record(z.string(), z.json()),
        run: async () => clean,
      },
    ],
  } as unknown as Parts;
  const parts = instrument(bare, directHost(director, recorder));
  const [tool] = parts.tools;
  if (tool === undefined) throw new Error('the tool is gone');
  return {
    parts,
    agent: new parts.agents.data(),
    tool,
    clock,
    history: () => recorder.history(),
    fired: () => eventsOf(recorder.history(), 'fault-fired').map(({ name }) => name),
  };
}

function agentClass(
  run: () => Promise<unknown>,
  disposed: (n: number) => void = () => {},
  made: () => number = () => 0,
): AgentClass {
  return class implements Agent {
    static readonly agentName = 'data';
    readonly #n = made();

    run(): Promise<unknown> {
      return run();
    }

    dispose(): void {
      disposed(this.#n);
    }
  };
}
