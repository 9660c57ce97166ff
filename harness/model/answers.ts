import type { AgentName } from '../../src/agents/agent.ts';
import type { JsonObject } from '../../src/json.ts';
import type { ModelScript } from '../case.ts';
import { hash32 } from '../dice.ts';

/** What the model's words are drawn from: the same for the same seed and name. */
export interface AnswerContext {
  readonly script: Pick<ModelScript, 'sufficiency'>;
  readonly seed: number;
  /** Of this one call: `alice/run-1/data/1`. */
  readonly name: string;
}

/** What the model says when an agent asks: an object with the words that the agent's result is made of. */
export const answers: { readonly [agent in AgentName]: (context: AnswerContext) => JsonObject } = {
  triage: (context) => ({
    category: pick(context, 'category', [
      'Cost Optimization',
      'Performance Optimization',
      'Workload Analysis',
      'Model Selection',
    ]),
    sub_category: 'API calls',
    priority: pick(context, 'priority', ['high', 'medium', 'low']),
    complexity: pick(context, 'complexity', ['high', 'medium', 'low']),
    confidence_score: share(context, 'confidence'),
    data_sufficiency: context.script.sufficiency,
    intent: {
      primary_intent: 'reduce_cost',
      secondary_intents: ['reduce_latency'],
      action_required: true,
      confidence: share(context, 'intent'),
    },
    entities: {
      models: ['gpt-4o'],
      metrics: ['latency', 'cost'],
      time_ranges: ['last 30 days'],
      thresholds: [],
      targets: ['p95 below 800 ms'],
      providers: ['openai'],
      regions: [],
      services: ['chat'],
      raw_values: { latency: '800 ms' },
    },
    tools: {
      primary_tools: ['fetch_usage_metrics'],
      secondary_tools: ['look_up_model_prices'],
      tool_scores: { fetch_usage_metrics: 0.9, look_up_model_prices: 0.6 },
    },
    next_steps: ['Read the usage of the last 30 days.'],
    next_agents: ['data'],
  }),

  data: (context) => ({
    analysis_type: pick(context, 'analysis', ['performance', 'cost_optimization', 'usage_pattern']),
    trends: [`Latency moved by ${percent(context, 'trend')} % over the period.`],
    insights: [
      `About ${percent(context, 'insight')} % of the calls could go to a smaller model.`,
      'The slowest calls are the ones with the longest prompts – not the busiest hours.',
    ],
    recommendations: ['Route short requests to a smaller model.', 'Shorten system prompts.'],
    anomalies: [],
    severity: pick(context, 'severity', ['none', 'low', 'medium']),
    opportunities: [
      {
        type: 'model_routing',
        description: 'Send short requests to a smaller model.',
        potential_savings_percent: percent(context, 'opportunity'),
        effort: pick(context, 'effort', ['low', 'medium', 'high']),
      },
    ],
  }),

  data_helper: () => ({
    raw_response: 'To say more we need the usage of the last 30 days and your latency targets.',
    data_categories: [
      {
        name: 'Usage',
        items: [
          { item: 'Requests per model and day', justification: 'To see where the cost comes from.' },
          { item: 'Tokens per request', justification: 'To tell long prompts from long answers.' },
        ],
      },
      { name: 'Targets', items: [{ item: 'Latency target', justification: 'To know what is fast enough.' }] },
    ],
    user_instructions: 'Export the figures as CSV and attach them to your next message.',
  }),

  optimization: (context) => ({
    optimization_type: pick(context, 'optimization', ['model_selection', 'prompt_length', 'caching']),
    recommendations: [
      `Move ${percent(context, 'share')} % of the traffic to a smaller model.`,
      'Cache answers to repeated questions.',
    ],
    confidence_score: share(context, 'confidence'),
    performance_improvement: `${percent(context, 'faster')} % lower median latency`,
  }),

  actions: (context) => ({
    action_plan_summary: 'Route by request length, then cache, then measure for two weeks.',
    total_estimated_time: '3 weeks',
    required_approvals: ['platform lead'],
    actions: ['Add a router', 'Add a cache', 'Compare the figures'],
    execution_timeline: ['week 1: router', 'week 2: cache', 'week 3: measure'],
    supply_config_updates: ['router.short_request_model = gpt-4o-mini'],
    post_implementation: { monitoring: ['p95 latency', 'cost per day'], rollback: 'Switch the router off.' },
    implementation_effort: '2 engineers, 3 weeks',
    plan_steps: [
      step('1', 'Add a router', '1 week', []),
      step('2', 'Add a cache', '1 week', ['1']),
      step('3', 'Compare the figures', '1 week', ['1', '2']),
    ],
    priority: pick(context, 'priority', ['high', 'medium', 'low']),
    required_resources: ['2 engineers'],
    success_metrics: ['cost per day', 'p95 latency'],
  }),

  reporting: (context) => ({
    report: `Your models can cost less: about ${percent(context, 'report')} % of the calls are short enough for a smaller one.`,
    sections: [
      {
        section_id: 'summary',
        title: 'Summary',
        content: 'Routing by length saves most; caching comes second.',
        section_type: 'summary',
      },
      {
        section_id: 'figures',
        title: 'Figures',
        content: 'Cost and latency by model, as computed from your records.',
        section_type: 'analysis',
      },
    ],
    next_steps: ['Approve the router.', 'Look at the figures again in two weeks.'],
  }),
};

function step(id: string, description: string, duration: string, dependencies: string[]): JsonObject {
  return {
    step_id: id,
    description,
    estimated_duration: duration,
    dependencies,
    resources_needed: ['1 engineer'],
    status: 'pending',
  };
}

function pick(context: AnswerContext, what: string, from: readonly string[]): string {
  return from[hash32(context.seed, `${context.name}/${what}`) % from.length] ?? '';
}

/** 1 to 60. */
function percent(context: AnswerContext, what: string): number {
  return 1 + (hash32(context.seed, `${context.name}/${what}`) % 60);
}

/** 0.5 to 0.99. */
function share(context: AnswerContext, what: string): number {
  return (50 + (hash32(context.seed, `${context.name}/${what}`) % 50)) / 100;
}
