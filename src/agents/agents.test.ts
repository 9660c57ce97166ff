import { describe, expect, it } from 'vitest';
import { cleanJsonCodec } from '../codec/clean-json.ts';
import { judgeContract } from '../contracts/contracts.ts';
import { PipelineError } from '../errors.ts';
import { createHealthyParts } from '../healthy-parts.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { scriptedAnswers } from '../model/scripted-answers.ts';
import { usage } from '../supervisor/run-bench.fixture.ts';
import type {
  AgentInput,
  AgentMeans,
  AgentName,
  AgentOutcome,
  ModelAnswer,
  ModelRequest,
  ToolOutcome,
} from './agent.ts';
import { agentNames } from './agent.ts';

const { agents, tools } = createHealthyParts({ fetch: async () => usage });

/** Runs one agent on these results; the model is scripted unless `answers` says what it says. */
async function ask(
  agent: AgentName,
  {
    results = {},
    answers = [],
    tool,
  }: {
    results?: AgentInput['results'];
    answers?: readonly (JsonObject | string | ModelAnswer)[];
    tool?: (name: string, data: Json) => ToolOutcome | undefined;
  } = {},
) {
  const requests: ModelRequest[] = [];
  const calls: { name: string; id: string | undefined; args: JsonObject }[] = [];
  const means: AgentMeans = {
    model: {
      async complete(request) {
        requests.push(structuredClone(request));
        const answer = answers[requests.length - 1] ?? {
          ...scriptedAnswers[agent](promptOf(request)),
          proof: `proof-${agent}`,
        };
        if (typeof answer === 'string') return { text: answer, toolCalls: [] };
        if ('toolCalls' in answer) return answer as ModelAnswer;
        return { text: JSON.stringify(answer), toolCalls: [] };
      },
    },
    tools: {
      async call(name, args, id) {
        calls.push({ name, id, args });
        const found = tools.find((candidate) => candidate.name === name);
        if (found === undefined) return { ok: false, tool: name, code: 'TOOL_UNKNOWN' };
        const { signal } = new AbortController();
        const { text, account } = cleanJsonCodec.encode(
          await found.run(args, { userId: 'alice', runId: 'run-1', callId: id ?? '' }, signal),
        );
        const data = JSON.parse(text) as Json;
        return tool?.(name, data) ?? { ok: true, tool: name, data, account };
      },
    },
    emit: { thinking: async () => {} },
  };
  const input: AgentInput = {
    user_id: 'alice',
    thread_id: 'thread-1',
    run_id: 'run-1',
    request: 'How can I lower the cost of gpt-4o?',
    assignment: 'a',
    results,
  };
  const result = await new agents[agent]().run(input, means, new AbortController().signal);
  const { text, account } = cleanJsonCodec.encode(result);
  return { data: JSON.parse(text) as JsonObject, account, requests, calls };
}

function promptOf(request: ModelRequest): JsonObject {
  const content = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const prompt = JSON.parse(content) as Json;
  if (!isJsonObject(prompt)) throw new Error('the prompt is no object');
  return prompt;
}

/** Everything that a healthy run finds, in order. */
async function allOutcomes(): Promise<Record<AgentName, AgentOutcome>> {
  const outcomes: Partial<Record<AgentName, AgentOutcome>> = {};
  for (const agent of agentNames) {
    const { data } = await ask(agent, { results: outcomes });
    outcomes[agent] = { agent, ok: true, data, account: [] };
  }
  return outcomes as Record<AgentName, AgentOutcome>;
}

describe('each agent', () => {
  it.each(agentNames)(
    '%s returns clean data on contract, with the proof that the model was asked',
    async (agent) => {
      const { data, account } = await ask(agent, { results: await allOutcomes() });
      expect(account).toEqual([]);
      expect(judgeContract(agent, data, [])).toEqual([]);
      expect(data.metadata).toMatchObject({ model_proof: `proof-${agent}` });
    },
  );

  it.each(agentNames)('%s tells the model everything that it was handed, as JSON', async (agent) => {
    const results = { triage: { agent: 'triage', ok: false, code: 'MODEL_TIMEOUT' } } as const;
    const { requests } = await ask(agent, { results });
    expect(promptOf(requests[0] as ModelRequest)).toMatchObject({
      request: 'How can I lower the cost of gpt-4o?',
      assignment: 'a',
      results,
    });
  });

  it.each(agentNames)('%s goes on with whatever encoding left of what it is handed', async (agent) => {
    for (const data of [
      null,
      {},
      [],
      'text',
      { metrics: [], metadata: { tool_calls: [1], model_proof: 5 }, cost_by_model: null },
    ]) {
      const results = Object.fromEntries(
        agentNames.map((name) => [
          name,
          { agent: name, ok: true, data, account: [{ path: [], kind: 'lost', reason: 'function' }] },
        ]),
      ) as AgentInput['results'];
      const answered = await ask(agent, {
        results,
        tool: (name) => ({ ok: true, tool: name, data, account: [] }),
      });
      expect(answered.account).toEqual([]);
      expect(judgeContract(agent, answered.data, [])).toEqual([]);
    }
  });

  it.each(agentNames)('%s takes no answer that cannot be read for one', async (agent) => {
    for (const answer of [
      '',
      'Sorry, no.',
      '[]',
      '{"half":',
      { category: 5, insights: 5, data_categories: 5, recommendations: 5, plan_steps: 5, report: 5 },
    ]) {
      await expect(ask(agent, { answers: [answer] })).rejects.toMatchObject({
        code: 'MODEL_ANSWER_MALFORMED',
      });
    }
  });

  it.each(agentNames)('%s needs no proof, and reads an answer in a fence', async (agent) => {
    const plain = await ask(agent, { results: await allOutcomes() });
    const { proof: _, ...said } = {
      ...scriptedAnswers[agent](promptOf(plain.requests[0] as ModelRequest)),
      proof: '',
    };
    const { data } = await ask(agent, {
      results: await allOutcomes(),
      answers: [`\`\`\`json\n${JSON.stringify(said)}\n\`\`\``],
    });
    expect(data.metadata).not.toHaveProperty('model_proof');
    expect(judgeContract(agent, data, [])).toEqual([]);
  });
});

describe('the data agent', () => {
  it('shows computed figures beside the model’s words', async () => {
    const { data, calls } = await ask('data');
    expect(calls.map(({ name }) => name)).toEqual(['fetch_usage_metrics', 'compute_cost_and_latency']);
    expect(data).toMatchObject({
      metrics: { avg_latency: 111.5, total_requests: 24, percentiles: { p50: 111, p95: 122, p99: 123 } },
      cost_by_model: { 'gpt-4o': 0.036, 'gpt-4o-mini': 0.00432 },
      metadata: { tool_calls: ['run-1.data.fetch_usage_metrics', 'run-1.data.compute_cost_and_latency'] },
    });
  });

  it('fails with the code of a tool that failed', async () => {
    const failing = ask('data', { tool: (name) => ({ ok: false, tool: name, code: 'TOOL_FAILED' }) });
    await expect(failing).rejects.toThrow(PipelineError);
    await expect(failing).rejects.toMatchObject({ code: 'TOOL_FAILED' });
  });

  it('passes over records of which nothing usable is left', async () => {
    const records: Json = [
      null,
      { model: 'gpt-4o' },
      { at: 5, model: 'gpt-4o', latency_ms: 7, prompt_tokens: 1, completion_tokens: 1 },
    ];
    const { calls } = await ask('data', {
      tool: (name) =>
        name === 'fetch_usage_metrics' ? { ok: true, tool: name, data: { records }, account: [] } : undefined,
    });
    expect(calls[1]?.args).toEqual({
      from: null,
      to: null,
      model: ['gpt-4o'],
      latency_ms: [7],
      prompt_tokens: [1],
      completion_tokens: [1],
    });
  });

  it('names what the best opportunity would save', async () => {
    const opportunities = [20, 50].map((percent) => ({
      type: 't',
      description: 'd',
      potential_savings_percent: percent,
      effort: 'low',
    }));
    const { data } = await ask('data', { answers: [{ insights: [], opportunities }] });
    expect(data.potential_savings).toBeCloseTo((data.current_monthly_cost as number) / 2, 2);
  });
});

describe('the model may ask for tools', () => {
  const asks = (name: string, args: JsonObject): ModelAnswer => ({
    text: '',
    toolCalls: [{ id: 'm1', name, arguments: args }],
  });

  it('which are called, told and named in the result', async () => {
    const { data, requests, calls } = await ask('optimization', {
      answers: [
        asks('look_up_model_prices', { models: ['gpt-4o'] }),
        asks('nothing', {}),
        { recommendations: ['r'] },
      ],
    });
    expect(requests[0]?.tools).toContain('look_up_model_prices');
    expect(calls.slice(1).map(({ name, id }) => [name, id])).toEqual([
      ['look_up_model_prices', 'run-1.optimization.asked-1'],
      ['nothing', 'run-1.optimization.asked-2'],
    ]);
    expect(requests[2]?.messages.slice(2)).toMatchObject([
      { role: 'assistant', toolCalls: [{ id: 'm1' }] },
      { role: 'tool', toolCallId: 'm1', content: expect.stringContaining('prompt_usd_per_million') },
      { role: 'assistant' },
      { role: 'tool', content: '{"error":"TOOL_UNKNOWN"}' },
    ]);
    expect(data.metadata).toEqual({
      tool_calls: ['run-1.optimization.look_up_model_prices', 'run-1.optimization.asked-1'],
    });
  });

  it('but not without end', async () => {
    const again = asks('look_up_model_prices', { models: [] });
    await expect(ask('optimization', { answers: Array(9).fill(again) })).rejects.toMatchObject({
      code: 'MODEL_ANSWER_MALFORMED',
    });
    const greedy = { text: '', toolCalls: Array(9).fill(again.toolCalls[0]) };
    await expect(ask('optimization', { answers: [greedy] })).rejects.toMatchObject({
      code: 'MODEL_ANSWER_MALFORMED',
    });
  });
});

describe('the report', () => {
  it('carries the proofs and tool calls of all that it rests on', async () => {
    const { reporting: _, ...results } = await allOutcomes();
    const { data } = await ask('reporting', { results });
    expect(data.metadata).toEqual({
      model_proof: 'proof-reporting',
      proofs: Object.fromEntries(Object.keys(results).map((agent) => [agent, `proof-${agent}`])),
      tool_calls: [
        'run-1.data.fetch_usage_metrics',
        'run-1.data.compute_cost_and_latency',
        'run-1.optimization.look_up_model_prices',
      ],
    });
  });

  it('is of the kind that what is known allows, one lower where something failed', async () => {
    const outcomes = await allOutcomes();
    const failed = (agent: AgentName): AgentOutcome => ({ agent, ok: false, code: 'AGENT_FAILED' });
    const kind = async (results: AgentInput['results']) => {
      const { data } = await ask('reporting', { results });
      return [data.report_type, data.status, data.data_completeness];
    };
    const { triage, data, optimization, actions } = outcomes;
    expect(await kind({ triage, data, optimization, actions })).toEqual(['full_analysis', 'success', 1]);
    expect(await kind({ triage, data, optimization, actions: failed('actions') })).toEqual([
      'partial_analysis',
      'partial_complete',
      0.75,
    ]);
    expect(await kind({ triage })).toEqual(['partial_analysis', 'partial_complete', 0.25]);
    expect(await kind({ triage, data: failed('data') })).toEqual(['guidance', 'awaiting_data', 0.25]);
    expect(await kind({})).toEqual(['guidance', 'awaiting_data', 0]);
    expect(await kind({ triage: failed('triage') })).toEqual(['fallback', 'ready_to_help', 0]);
  });
});
