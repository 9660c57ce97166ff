import { rollFor, tokenFor } from '../../harness/dice.ts';
import type { Json, JsonObject } from '../../src/json.ts';

/** Results of agents, as the pipeline stores and sends them. */
export interface Payload {
  readonly results: readonly StoredResult[];
}

interface StoredResult {
  readonly run_id: string;
  readonly agent: keyof typeof makers;
  readonly result: JsonObject;
}

/** Results on their contracts, as many as come nearest to so many bytes of JSON. The same seed gives the same. */
export function payloadOf(bytes: number, seed: number): Payload {
  const results: StoredResult[] = [];
  const agents = Object.keys(makers) as (keyof typeof makers)[];
  let size = '{"results":[]}'.length;
  for (let place = 0; ; place++) {
    const agent = agents[place % agents.length] ?? 'data';
    const roll: Roll = (name) => rollFor(seed, `${place}/${name}`);
    const next = { run_id: `run-${tokenFor(seed, `${place}`)}`, agent, result: makers[agent](roll) };
    const nextSize = size + JSON.stringify(next).length + 1;
    if (results.length > 0 && nextSize - bytes > bytes - size) return { results };
    results.push(next);
    size = nextSize;
  }
}

/** The same results, some of them with something else in their metadata; `instead` says what, by place. */
export function withLive(payload: Payload, instead: (place: number) => unknown): Payload {
  return {
    results: payload.results.map((stored, place) => {
      const live = instead(place);
      if (live === nothing) return stored;
      const metadata = { ...(stored.result.metadata as JsonObject), context: live };
      return { ...stored, result: { ...stored.result, metadata: metadata as JsonObject } };
    }),
  };
}

/** Leaves a result as it is. */
export const nothing = Symbol('nothing');

/** A number in [0, 1) for each name. */
type Roll = (name: string) => number;

const makers = {
  data: (roll: Roll): JsonObject => ({
    analysis_type: 'performance',
    metrics: {
      avg_latency: milliseconds(roll, 'average'),
      percentiles: {
        p50: milliseconds(roll, 'p50'),
        p95: milliseconds(roll, 'p95'),
        p99: milliseconds(roll, 'p99'),
      },
      avg_throughput: milliseconds(roll, 'throughput'),
      total_requests: Math.floor(roll('requests') * 1e6),
    },
    cost_by_model: Object.fromEntries(
      ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'mistral-large'].map((model) => [
        model,
        dollars(roll, model),
      ]),
    ),
    current_monthly_cost: dollars(roll, 'cost'),
    potential_savings: roll('savings') < 0.3 ? null : dollars(roll, 'savings'),
    trends: sentences(roll, 'trends', 2),
    insights: sentences(roll, 'insights', 3),
    recommendations: sentences(roll, 'recommendations', 3),
    anomalies: [],
    severity: 'medium',
    opportunities: several(2, (place) => ({
      type: 'model_selection',
      description: sentence(roll, `opportunity ${place}`),
      potential_savings_percent: Math.floor(roll(`percent ${place}`) * 60),
      effort: 'low',
    })),
    metadata: proofs(roll),
  }),
  optimization: (roll: Roll): JsonObject => ({
    optimization_type: 'model_selection',
    recommendations: sentences(roll, 'recommendations', 4),
    confidence_score: Math.round(roll('confidence') * 100) / 100,
    cost_savings: dollars(roll, 'savings'),
    performance_improvement: sentence(roll, 'improvement'),
    metadata: proofs(roll),
  }),
  actions: (roll: Roll): JsonObject => ({
    action_plan_result: {
      action_plan_summary: sentence(roll, 'summary'),
      total_estimated_time: '3 days',
      required_approvals: ['platform lead'],
      actions: sentences(roll, 'actions', 3),
      execution_timeline: sentences(roll, 'timeline', 2),
      supply_config_updates: [],
      post_implementation: {
        monitoring: sentences(roll, 'monitoring', 2),
        rollback: sentence(roll, 'rollback'),
      },
      cost_benefit_analysis: { estimated_savings: dollars(roll, 'benefit'), implementation_effort: 'low' },
      plan_steps: several(4, (place) => ({
        step_id: `step-${place + 1}`,
        description: sentence(roll, `step ${place}`),
        estimated_duration: '4 hours',
        dependencies: place === 0 ? [] : [`step-${place}`],
        resources_needed: ['engineer'],
        status: 'pending',
      })),
      priority: 'high',
      estimated_duration: '3 days',
      required_resources: ['engineer', 'staging cluster'],
      success_metrics: sentences(roll, 'success', 2),
      partial_extraction: false,
      extracted_fields: [],
      error: null,
    },
    metadata: proofs(roll),
  }),
  reporting: (roll: Roll): JsonObject => ({
    report_type: 'full_analysis',
    status: 'success',
    report: sentences(roll, 'report', 12).join('\n\n'),
    sections: several(4, (place) => ({
      section_id: `section-${place + 1}`,
      title: 'What the records show',
      content: sentences(roll, `section ${place}`, 3).join(' '),
      section_type: 'text',
    })),
    data_completeness: 1,
    missing: [],
    next_steps: sentences(roll, 'next', 3),
    metadata: {
      model_proof: proof(roll, 'model'),
      proofs: { data: proof(roll, 'data'), optimization: proof(roll, 'optimization') },
      tool_calls: several(3, (place) => proof(roll, `call ${place}`)),
    },
  }),
} as const;

const subjects = [
  'The p95 latency of gpt-4o',
  'Traffic from eu-west-1',
  'The nightly batch',
  '“Résumé” parsing',
];
const verbs = ['rose by 12.5 %', 'fell below its target', 'could move to a smaller model', 'is "stable"'];
const reasons = [
  'since the last release',
  'between 02:00 and 04:00',
  'as 38 % of its prompts repeat',
  'over 7 days',
];

function sentence(roll: Roll, name: string): string {
  return `${pick(roll, `${name} who`, subjects)} ${pick(roll, `${name} what`, verbs)} ${pick(roll, `${name} why`, reasons)}.`;
}

function sentences(roll: Roll, name: string, count: number): string[] {
  return several(count, (place) => sentence(roll, `${name} ${place}`));
}

function pick(roll: Roll, name: string, from: readonly string[]): string {
  return from[Math.floor(roll(name) * from.length)] ?? '';
}

function milliseconds(roll: Roll, name: string): number {
  return Math.round(roll(name) * 1e6) / 1e3;
}

function dollars(roll: Roll, name: string): number {
  return Math.round(roll(name) * 1e6) / 1e2;
}

function proof(roll: Roll, name: string): string {
  return roll(`proof ${name}`).toString(36).slice(2, 12);
}

function proofs(roll: Roll): JsonObject {
  return {
    model_proof: proof(roll, 'own'),
    tool_calls: [proof(roll, 'first call'), proof(roll, 'second call')],
  };
}

function several<T extends Json>(count: number, make: (place: number) => T): T[] {
  return Array.from({ length: count }, (_, place) => make(place));
}
