import type { EventDraft, History, Json, Poisoned } from '../history.ts';
import { historySchemaId } from '../history.ts';

/**
 * Histories written by hand, for people who write an invariant: a healthy run in a few words, to be bent by
 * editing what it lists.
 */
export interface HandRun {
  readonly user: string;
  readonly run: string;
  readonly connection?: string;
  /** Who works, in this order (default: triage, data, reporting); `data` calls a tool. */
  readonly agents?: readonly string[];
  /** Poison put into the results of agents, by agent. */
  readonly poison?: { readonly [agent: string]: readonly Poisoned[] };
  /** The run that computed an agent's result, for results out of the cache. */
  readonly cachedFrom?: { readonly [agent: string]: string };
  /** Agents that fail, and how. */
  readonly failing?: { readonly [agent: string]: { readonly code: string; readonly because?: string } };
  /** How results are carried (default: what poison was put in is lost, and named). */
  readonly carry?: Carry;
}

/** What a pipeline makes of a result on a road; `data` undefined: it is not there. */
export type Carry = (result: {
  readonly road: 'cache' | 'persistence' | 'events' | 'prompts' | 'answer';
  readonly agent: string;
  readonly clean: Json;
  readonly poisoned: readonly Poisoned[];
}) => { readonly data: Json | undefined; readonly account: Json };

/** Events with sequence numbers, a millisecond apart unless they say `at`. */
export function historyOf(drafts: readonly (EventDraft & { readonly at?: number })[]): History {
  let at = 0;
  return {
    schema: historySchemaId,
    events: drafts.map((draft, index) => {
      at = draft.at ?? at + 1;
      return { ...draft, seq: index + 1, at };
    }),
  };
}

/** A whole case: its runs one after the other, then what lies in the stores, then the end. */
export function caseOf(...runs: readonly HandRun[]): EventDraft[] {
  const told = runs.map(tellRun);
  return [
    {
      type: 'case-started',
      actor: 'world',
      scenario: 'by-hand/case',
      seed: 1,
      world: 'simulated',
      planned: { asks: runs.map(({ user, run }) => ({ user, run })), faults: 0, contaminations: 0 },
      bounds: { runMs: 20_000 },
    },
    ...told.flatMap(({ events }) => events),
    ...told.flatMap(({ stored }) => stored),
    { type: 'case-ended', actor: 'world', reason: 'quiet' },
  ];
}

/** What an agent returns in a hand history: numbers, text, a list, and the proof of the model. */
export function cleanResult(user: string, run: string, agent: string): { [key: string]: Json } {
  return {
    title: `${agent} found something`,
    metrics: { total: 5, series: [1, 2, 3] },
    metadata: { model_proof: proofOf(user, run, agent), tool_calls: [] },
  };
}

/** The value that only the model could know. */
export function proofOf(user: string, run: string, agent: string): string {
  return `proof-${user}-${run}-${agent}`;
}

/** Where poison is put, the key is left out (an item becomes null) and named. */
export const losing: Carry = ({ clean, poisoned }) => {
  let data: Json = structuredClone(clean);
  for (const { path } of poisoned) data = without(data, path);
  const account = poisoned.map(({ path, recipe }) => ({ path: [...path], kind: 'lost', reason: recipe }));
  return { data, account };
};

/** The same, and nobody says so. */
export const losingSilently: Carry = (result) => ({ ...losing(result), account: [] });

function tellRun(options: HandRun): { readonly events: EventDraft[]; readonly stored: EventDraft[] } {
  const { user, run, agents = ['triage', 'data', 'reporting'] } = options;
  const { poison = {}, cachedFrom = {}, failing = {}, carry = losing } = options;
  const connection = options.connection ?? `${user}-1`;
  const client = { actor: `user:${user}`, user, connection };
  const frames: { [key: string]: Json }[] = [];
  const events: EventDraft[] = [
    { type: 'connection-opened', ...client },
    {
      type: 'sent',
      ...client,
      frame: {
        type: 'start_agent',
        run_id: run,
        thread_id: 'thread-1',
        payload: { user_request: 'Why so dear?' },
      },
    },
    { type: 'seen', ...client, frame: { type: 'run_accepted', run_id: run, thread_id: 'thread-1' } },
  ];
  const show = (type: string, agent: string, payload: { [key: string]: Json }): void => {
    const frame = {
      type,
      run_id: run,
      thread_id: 'thread-1',
      agent_name: agent,
      timestamp: '2026-01-01T00:00:00.000Z',
      sequence: frames.length + 1,
      payload,
    };
    frames.push(frame);
    events.push({ type: 'seen', ...client, frame });
  };
  const outcome = (agent: string, road: Parameters<Carry>[0]['road']): { [key: string]: Json } => {
    const failed = failing[agent];
    if (failed !== undefined) return { agent, ok: false, ...failed };
    const from = cachedFrom[agent];
    const { data, account } = carried(agent, road);
    return {
      agent,
      ok: true,
      ...(data === undefined ? {} : { data }),
      account,
      ...(from === undefined ? {} : { cached_from: from }),
    };
  };
  const carried = (agent: string, road: Parameters<Carry>[0]['road']): ReturnType<Carry> =>
    carry({ road, agent, clean: resultOf(agent), poisoned: poison[agent] ?? [] });
  const resultOf = (agent: string): Json => {
    const clean = cleanResult(user, cachedFrom[agent] ?? run, agent);
    if (agent !== 'reporting') return clean;
    const proofs = Object.fromEntries(
      agents
        .filter((each) => failing[each] === undefined)
        .map((each) => [each, proofOf(user, cachedFrom[each] ?? run, each)]),
    );
    const calls = agents.includes('data') && cachedFrom.data === undefined ? [`${run}-call-1`] : [];
    return { ...clean, metadata: { ...(clean.metadata as object), proofs, tool_calls: calls } };
  };

  for (const [index, agent] of agents.entries()) {
    show('agent_started', agent, { status: 'started' });
    const failed = failing[agent];
    if (failed !== undefined) {
      if (failed.code !== 'INPUT_MISSING')
        events.push({ type: 'agent-failed', actor: `agent:${agent}`, user, run, agent, code: failed.code });
      show('agent_completed', agent, { status: 'failed', ...failed, execution_time_ms: 1 });
      continue;
    }
    if (cachedFrom[agent] === undefined) {
      const earlier = agents.slice(0, index);
      const input = {
        request: 'Why so dear?',
        assignment: agent,
        results: Object.fromEntries(earlier.map((each) => [each, outcome(each, 'prompts')])),
      };
      const model = { actor: 'model', user, run, agent };
      events.push(
        { type: 'agent-asked', actor: `agent:${agent}`, user, run, agent, input },
        {
          type: 'prompted',
          ...model,
          tools: [],
          messages: [
            { role: 'system', content: `You are ${agent}.` },
            { role: 'user', content: JSON.stringify(input) },
          ],
        },
        { type: 'answered', ...model, proof: proofOf(user, run, agent), outcome: 'whole' },
      );
      show('agent_thinking', agent, { status: 'thinking', reasoning: 'Let me see.', step_number: 1 });
      if (agent === 'data') callTool();
      events.push({
        type: 'agent-returned',
        actor: `agent:${agent}`,
        user,
        run,
        agent,
        clean: resultOf(agent),
        poisoned: [...(poison[agent] ?? [])],
      });
    }
    const { data, account } = carried(agent, 'events');
    show('agent_completed', agent, {
      status: 'completed',
      ...(data === undefined ? {} : { result: data }),
      account,
      ...(cachedFrom[agent] === undefined ? {} : { cached_from: cachedFrom[agent] }),
      execution_time_ms: 1,
    });
  }
  const missing = agents
    .filter((agent) => failing[agent] !== undefined)
    .map((agent) => outcome(agent, 'answer'));
  const reporting = failing.reporting;
  if (reporting !== undefined) {
    show('run_failed', 'supervisor', { code: reporting.code, message: 'It failed.', missing });
  } else {
    const { data = null, account } = carried('reporting', 'answer');
    const status = missing.length === 0 ? 'complete' : 'partial';
    show('run_completed', 'supervisor', { status, report: data, account, missing, model: 'scripted' });
  }
  events.push({ type: 'connection-closed', ...client, code: 1000, reason: '', by: 'user' });
  return { events, stored: stores() };

  function callTool(): void {
    const call = `${run}-call-1`;
    const tool = { actor: 'tool:fetch_usage_metrics', user, run, tool: 'fetch_usage_metrics', call };
    const clean = { records: [{ id: `usage-${user}-${run}-1`, latencyMs: 12 }] };
    const name = { call_id: call, tool_name: tool.tool };
    show('tool_executing', 'data', { status: 'executing', ...name, parameters: {}, account: [] });
    events.push(
      { type: 'tool-called', ...tool, arguments: {} },
      { type: 'tool-returned', ...tool, clean, poisoned: [] },
    );
    show('tool_completed', 'data', {
      status: 'completed',
      ...name,
      result: clean,
      account: [],
      execution_time_ms: 1,
    });
  }

  function stores(): EventDraft[] {
    const redis = { type: 'stored', actor: 'redis', store: 'redis', user, expires: true } as const;
    const worked = agents.filter((agent) => failing[agent] === undefined);
    return [
      ...worked
        .filter((agent) => cachedFrom[agent] === undefined)
        .map((agent): EventDraft => {
          const key = `u:${user}:cache:${agent}:${run}`;
          const json = { v: 1, run, outcome: outcome(agent, 'cache') };
          return { ...redis, key, road: 'cache', agent, json };
        }),
      {
        ...redis,
        key: `u:${user}:r:${run}:state`,
        road: 'persistence',
        run,
        json: {
          v: 1,
          phase: 'ended',
          outcomes: Object.fromEntries(agents.map((agent) => [agent, outcome(agent, 'persistence')])),
        },
      },
      ...frames.map(
        (frame): EventDraft => ({
          ...redis,
          key: `u:${user}:r:${run}:events`,
          road: 'events',
          run,
          json: frame,
        }),
      ),
    ];
  }
}

function without(value: Json, path: readonly (string | number)[]): Json {
  const [step, ...rest] = path;
  if (step === undefined) return null;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? without(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  const copy = { ...value };
  const below = copy[step];
  if (rest.length === 0 || below === undefined) delete copy[step];
  else copy[step] = without(below, rest);
  return copy;
}
