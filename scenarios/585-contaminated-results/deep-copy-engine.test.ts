import { expect, it } from 'vitest';
import {
  type Agent,
  type AgentClass,
  type AgentName,
  type AgentOutcome,
  agentNames,
} from '../../src/agents/agent.ts';
import { createAgentRegistry } from '../../src/agents/registry.ts';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';
import type { UserExecutionContext } from '../../src/context/context.ts';
import type { EngineMeans } from '../../src/execution/engine-means.ts';
import { createInProcessPlace } from '../../src/execution/places/in-process.ts';
import { deepCopyEngine } from './deep-copy-engine.ts';

const context: UserExecutionContext = Object.freeze({
  userId: 'alice',
  threadId: 'thread-1',
  runId: 'run-1',
  correlationId: 'corr-1',
  createdAt: 0,
  request: 'Why did my costs rise?',
  session: { id: 'session-1', opened: 0, readState: async () => null, close: () => {} },
});

it('when data throws, exactly those who are handed its result fail with it', async () => {
  expect(await runAll({ data: new Error('unexpected keyword argument') })).toEqual({
    triage: 'ok',
    data: 'looks ok, holds alice',
    optimization: 'AGENT_FAILED',
    actions: 'ok',
    reporting: 'AGENT_FAILED',
  });
});

it('when nobody throws, nobody fails', async () => {
  expect(new Set(Object.values(await runAll({})))).toEqual(new Set(['ok']));
});

it('a result that is handed on as a live object fails those who get it too', async () => {
  expect(await runAll({}, { optimization: { callback: () => {} } })).toMatchObject({
    optimization: 'ok',
    actions: 'AGENT_FAILED',
    reporting: 'AGENT_FAILED',
  });
});

/** Who is handed whose result. */
const handOffs: readonly [AgentName, readonly AgentName[]][] = [
  ['triage', []],
  ['data', ['triage']],
  ['optimization', ['triage', 'data']],
  ['actions', ['optimization']],
  ['reporting', ['triage', 'data', 'optimization', 'actions']],
];

async function runAll(
  throws: Partial<Record<AgentName, Error>>,
  returns: Partial<Record<AgentName, unknown>> = {},
): Promise<Partial<Record<AgentName, string>>> {
  const engine = deepCopyEngine(plainEngine)(meansWith(throws, returns));
  const outcomes: Partial<Record<AgentName, AgentOutcome>> = {};
  for (const [agent, needed] of handOffs) {
    const results = Object.fromEntries(needed.map((name) => [name, outcomes[name]]));
    const signal = new AbortController().signal;
    outcomes[agent] = await engine.run({ agent, assignment: 'any', context, results, signal });
  }
  return Object.fromEntries(Object.entries(outcomes).map(([agent, outcome]) => [agent, inWords(outcome)]));
}

function inWords(outcome: AgentOutcome): string {
  if (!outcome.ok) return outcome.code;
  return JSON.stringify(outcome.data).includes('"userId":"alice"') ? 'looks ok, holds alice' : 'ok';
}

/** What the healthy engine comes to, without events and contracts. */
function plainEngine(means: EngineMeans): ReturnType<Parameters<typeof deepCopyEngine>[0]> {
  return {
    async run({ agent, assignment, results, signal }): Promise<AgentOutcome> {
      const input = {
        user_id: 'alice',
        thread_id: 'thread-1',
        run_id: 'run-1',
        request: '',
        assignment,
        results,
      };
      try {
        const value = await means.registry
          .fresh(agent)
          .run(input, means.means(agent, context, signal), signal);
        const { text, account } = means.codec.encode(value);
        return { agent, ok: true, data: means.codec.decode(text), account };
      } catch {
        return { agent, ok: false, code: 'AGENT_FAILED' };
      }
    },
  };
}

function meansWith(
  throws: Partial<Record<AgentName, Error>>,
  returns: Partial<Record<AgentName, unknown>>,
): EngineMeans {
  const agents = Object.fromEntries(
    agentNames.map((agentName): [AgentName, AgentClass] => [
      agentName,
      class implements Agent {
        static readonly agentName = agentName;

        async run(): Promise<unknown> {
          if (throws[agentName] !== undefined) throw throws[agentName];
          return returns[agentName] ?? { from: agentName };
        }
      },
    ]),
  ) as Record<AgentName, AgentClass>;
  return {
    clock: { now: () => 0, after: () => () => {} },
    codec: cleanJsonCodec,
    registry: createAgentRegistry(agents),
    place: createInProcessPlace().open(),
    agentTimeoutMs: 1_000,
    means: () => ({
      model: { complete: async () => ({ text: '', toolCalls: [] }) },
      tools: { call: async (tool) => ({ ok: false, tool, code: 'TOOL_UNKNOWN' }) },
      emit: { thinking: async () => {} },
    }),
    emit: async () => {},
    cache: { get: async () => null, set: async () => {} },
    logFailure: () => {},
    lived: () => {},
    measure: () => {},
  };
}
