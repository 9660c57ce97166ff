import type { Agent, AgentName } from '../agents/agent.ts';
import type { RedisCacheOptions } from '../cache/redis-outcome-cache.ts';
import type { UserExecutionContext } from '../context/context.ts';
import { PipelineError } from '../errors.ts';
import { createInProcessPlace } from '../execution/places/in-process.ts';
import { createHealthyParts } from '../healthy-parts.ts';
import { keysUnder } from '../keys.ts';
import type { RunEventPayloads, RunEventType } from '../messages.ts';
import { createModelClient } from '../model/http-model-client.ts';
import { createScriptedFetch } from '../model/scripted.ts';
import type { Parts } from '../parts.ts';
import type { Fetch, UsageRecord } from '../ports.ts';
import type { RedisRunStatesOptions } from '../state/redis-run-states.ts';
import { ManualClock } from './manual-clock.fixture.ts';
import type { WitnessedFailure } from './run-means.ts';
import { createSupervisor, type SupervisorOptions } from './supervisor.ts';

/** An event as a run emitted it. */
export interface SeenEvent<T extends RunEventType = RunEventType> {
  readonly type: T;
  readonly agent: AgentName | 'supervisor';
  readonly payload: RunEventPayloads[T];
}

/** A supervisor with everything that it stands on, in memory; the model is the scripted one. */
export class RunBench {
  readonly clock = new ManualClock();
  /** What lies in the store, by key. */
  readonly stored = new Map<string, string>();
  readonly failures: WitnessedFailure[] = [];
  readonly measured: string[] = [];
  readonly options: SupervisorOptions;
  /** Set to have every command of the store fail. */
  storeFails = false;
  /** Set to have the n-th event of a run not made durable. */
  failingEvent = Number.POSITIVE_INFINITY;

  constructor(
    changes: { parts?: (healthy: Parts) => Parts; fetch?: Fetch } & Partial<
      Omit<SupervisorOptions, 'parts'>
    > = {},
  ) {
    const { parts: change = (healthy) => healthy, fetch = createScriptedFetch(), ...rest } = changes;
    const parts = change(createHealthyParts({ fetch: async () => usage }));
    const witness = {
      failed: (failure: WitnessedFailure) => {
        // As a log would, it reads what was thrown.
        this.failures.push(failure.thrown instanceof Error ? failure : { ...failure, thrown: 'no error' });
      },
      agentLived: () => {},
      agentMeasured: (agent: string, outcome: string) => this.measured.push(`${agent} ${outcome}`),
      cacheMeasured: (agent: string, result: string) => this.measured.push(`cache ${agent} ${result}`),
      altered: (where: string, account: readonly unknown[]) =>
        this.measured.push(`altered ${where} ${account.length}`),
    };
    const ground = { keys: keysUnder('test:'), redis: this.#redis(), codec: parts.codec, expiryS: 60 };
    this.options = {
      parts,
      model: createModelClient({
        fetch,
        clock: this.clock,
        url: 'http://model.test/v1',
        apiKey: 'key',
        model: 'scripted',
        tools: parts.tools,
        timeoutMs: 2_000,
      }),
      cache: parts.createCache({ ...ground, witness }),
      states: parts.createRunStates(ground),
      place: createInProcessPlace(),
      clock: this.clock,
      witness,
      runBytes: 8 * 1024 * 1024,
      agentTimeoutMs: 4_000,
      toolTimeoutMs: 1_500,
      runTimeoutMs: 20_000,
      ...rest,
    };
  }

  /** Plays one run; the events that it emitted, and the value with which its promise rejected. */
  async run(
    request: string,
    {
      runId = 'run-1',
      signal = new AbortController().signal,
      ms = 30_000,
    }: { readonly runId?: string; readonly signal?: AbortSignal; readonly ms?: number } = {},
  ): Promise<{ events: SeenEvent[]; rejected: unknown }> {
    const events: SeenEvent[] = [];
    const emit = async (type: RunEventType, agent: AgentName | 'supervisor', payload: object) => {
      if (events.length + 1 >= this.failingEvent) throw new PipelineError('STORE_UNAVAILABLE');
      events.push({ type, agent, payload: JSON.parse(JSON.stringify(payload)) });
    };
    let rejected: unknown;
    const run = createSupervisor(this.options)
      .run(contextOf(request, runId), { emit }, signal)
      .catch((thrown: unknown) => {
        rejected = thrown;
      });
    await this.clock.pass(ms);
    await run;
    return { events, rejected };
  }

  #redis() {
    const check = async () => {
      if (this.storeFails) throw new Error('READONLY');
    };
    return {
      get: async (key: string) => check().then(() => this.stored.get(key) ?? null),
      set: async (key: string, text: string) => check().then(() => this.stored.set(key, text) && 'OK'),
    } as unknown as RedisRunStatesOptions['redis'] & RedisCacheOptions['redis'];
  }
}

export const usage: readonly UsageRecord[] = Array.from({ length: 24 }, (_, hour) => ({
  id: `rec-${hour}`,
  at: new Date(Date.UTC(2025, 0, 1, hour)).toISOString(),
  model: hour % 3 === 0 ? 'gpt-4o' : 'gpt-4o-mini',
  latencyMs: 100 + hour,
  promptTokens: 1_000,
  completionTokens: 200,
}));

export function contextOf(request: string, runId = 'run-1'): UserExecutionContext {
  return Object.freeze({
    userId: 'alice',
    threadId: 'thread-1',
    runId,
    correlationId: 'corr-1',
    createdAt: 0,
    request,
    session: { id: 'session-1', opened: 0, readState: async () => null, close: () => {} },
  });
}

/** The healthy parts, with another class for one agent. */
export function withAgent(name: AgentName, run: Agent['run'], dispose = () => {}) {
  return (healthy: Parts): Parts => ({
    ...healthy,
    agents: {
      ...healthy.agents,
      [name]: class {
        static readonly agentName = name;
        run = run;
        dispose = dispose;
      },
    },
  });
}

/** What triage would have found, in place of asking the model. */
export function triageSaying(data_sufficiency: unknown) {
  return withAgent('triage', async () => ({
    success: true,
    category: 'General Request',
    sub_category: '',
    priority: 'low',
    complexity: 'low',
    confidence_score: 1,
    data_sufficiency,
    intent: { primary_intent: 'x', secondary_intents: [], action_required: false, confidence: 1 },
    entities: {
      models: [],
      metrics: [],
      time_ranges: [],
      thresholds: [],
      targets: [],
      providers: [],
      regions: [],
      services: [],
      raw_values: {},
    },
    tools: { primary_tools: [], secondary_tools: [], tool_scores: {} },
    next_steps: [],
    next_agents: [],
    metadata: { tool_calls: [] },
  }));
}

/** One line for each event: type, agent, and what there is to tell. */
export function linesOf(events: readonly SeenEvent[]): string[] {
  return events.map(({ type, agent, payload }) => {
    const { status, code, tool_name, because } = payload as Record<string, string | undefined>;
    return [type, agent, tool_name, type === 'agent_started' ? undefined : status, code, because]
      .filter((word) => word !== undefined && word !== 'thinking' && word !== 'executing')
      .join(' ');
  });
}
