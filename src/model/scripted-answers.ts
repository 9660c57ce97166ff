import type { AgentName } from '../agents/agent.ts';
import { listAt, numberAt, objectAt, textAt, textsAt } from '../agents/handed-in.ts';
import { isJsonObject, type JsonObject } from '../json.ts';

/** What the scripted model answers each agent: words made of what stands in the prompt, and nothing else. */
export const scriptedAnswers: Readonly<Record<AgentName, (prompt: JsonObject) => JsonObject>> = {
  triage(prompt) {
    const request = textAt(prompt, 'request') ?? '';
    const topic = topics.find(({ words }) => words.test(request));
    return {
      category: topic?.category ?? 'General Request',
      sub_category: topic === undefined ? 'no known topic' : 'named in the request',
      priority: /urgent|immediately|critical/i.test(request) ? 'high' : 'medium',
      complexity: request.length > 400 ? 'high' : 'medium',
      confidence_score: topic === undefined ? 0.2 : 0.6,
      data_sufficiency: topic === undefined ? 'unknown' : 'sufficient',
      intent: {
        primary_intent: topic?.intent ?? 'unknown',
        secondary_intents: topics.flatMap((other) =>
          other !== topic && other.words.test(request) ? [other.intent] : [],
        ),
        action_required: topic !== undefined,
        confidence: topic === undefined ? 0.2 : 0.6,
      },
      entities: { models: [...new Set(request.match(modelNames) ?? [])] },
      next_steps: topic === undefined ? ['Ask what the request is about'] : ['Read the usage records'],
    };
  },

  data(prompt) {
    const computed = toolData(prompt, 'compute_cost_and_latency');
    const latency = objectAt(computed, 'latency_ms');
    const [p50, p99] = [numberAt(latency, 'p50'), numberAt(latency, 'p99')];
    const isUneven = p50 !== null && p99 !== null && p99 > 5 * p50;
    const costs = costsIn(computed);
    const dearest = costs[0];
    return {
      analysis_type: 'usage_pattern',
      insights: [
        `${numberAt(computed, 'count') ?? 'An unknown number of'} calls were recorded.`,
        ...(p50 === null ? [] : [`Half of the calls took at most ${p50} ms.`]),
        ...(dearest === undefined ? [] : [`${dearest.model} costs most: ${dearest.usd} US dollars.`]),
      ],
      anomalies: isUneven ? [`The slowest calls (${p99} ms) take over five times the median.`] : [],
      severity: isUneven ? 'medium' : 'none',
    };
  },

  data_helper: () => ({
    raw_response: 'The request cannot be answered from usage records alone.',
    data_categories: [
      {
        name: 'Workload',
        items: [
          { item: 'What the calls are for', justification: 'Quality needs decide which models can serve.' },
          { item: 'Expected growth', justification: 'Savings are counted over the volume to come.' },
        ],
      },
    ],
    user_instructions: 'Describe the workload and ask again.',
  }),

  optimization(prompt) {
    const prices = listAt(toolData(prompt, 'look_up_model_prices'), 'prices').filter(isJsonObject);
    const cheapest = prices
      .map((price) => ({
        model: textAt(price, 'model') ?? '',
        usd: numberAt(price, 'completion_usd_per_million') ?? Number.POSITIVE_INFINITY,
      }))
      .sort((a, b) => a.usd - b.usd)[0];
    return {
      optimization_type: 'model_selection',
      recommendations:
        cheapest === undefined
          ? ['No list price is known for the models in use: compare them by hand.']
          : [`Try ${cheapest.model}, the cheapest of the models in use, for calls that need less.`],
      confidence_score: cheapest === undefined ? 0.2 : 0.5,
    };
  },

  actions(prompt) {
    const recommendations = textsAt(dataOf(prompt, 'optimization'), 'recommendations');
    return {
      action_plan_summary: `${recommendations.length} recommendations to carry out.`,
      plan_steps: recommendations.map((description, index) => ({
        step_id: `step-${index + 1}`,
        description,
        estimated_duration: 'not known',
        dependencies: index === 0 ? [] : [`step-${index}`],
      })),
      actions: recommendations,
      success_metrics: ['Monthly cost', 'Latency at p95'],
    };
  },

  reporting(prompt) {
    const sections = [
      section('Findings', textsAt(dataOf(prompt, 'data'), 'insights')),
      section('Recommendations', textsAt(dataOf(prompt, 'optimization'), 'recommendations')),
      section('Asked of you', [
        textAt(objectAt(dataOf(prompt, 'data_helper'), 'data_request'), 'user_instructions') ?? '',
      ]),
      section('Missing', failedIn(prompt)),
    ].filter(({ content }) => content !== '');
    return {
      report: `Answered by a script, without a language model: ${sections.length} parts are known.`,
      sections,
      next_steps: textsAt(objectAt(dataOf(prompt, 'actions'), 'action_plan_result'), 'actions'),
    };
  },
};

const modelNames = /\b(?:gpt|claude|gemini|llama|mistral)-[a-z0-9.-]*[a-z0-9]/gi;

const topics = [
  { words: /cost|price|spend|bill|cheap|expens/i, category: 'Cost Optimization', intent: 'reduce_cost' },
  {
    words: /slow|latency|speed|fast|perform/i,
    category: 'Performance Optimization',
    intent: 'improve_speed',
  },
  { words: /model|gpt|claude|gemini/i, category: 'Model Selection', intent: 'choose_model' },
  { words: /usage|workload|token|traffic/i, category: 'Workload Analysis', intent: 'understand_usage' },
];

function dataOf(prompt: JsonObject, agent: AgentName): JsonObject {
  const outcome = objectAt(objectAt(prompt, 'results'), agent);
  return objectAt(outcome, 'data');
}

function toolData(prompt: JsonObject, tool: string): JsonObject {
  return objectAt(objectAt(objectAt(prompt, 'tool_results'), tool), 'data');
}

/** Models by what they cost, the dearest first. */
function costsIn(computed: JsonObject): { model: string; usd: number }[] {
  return listAt(objectAt(computed, 'cost'), 'by_model')
    .filter(isJsonObject)
    .flatMap((cost) => {
      const [model, usd] = [textAt(cost, 'model'), numberAt(cost, 'usd')];
      return model === null || usd === null ? [] : [{ model, usd }];
    })
    .sort((a, b) => b.usd - a.usd);
}

function failedIn(prompt: JsonObject): string[] {
  return Object.entries(objectAt(prompt, 'results')).flatMap(([agent, outcome]) =>
    isJsonObject(outcome) && outcome.ok === false ? [`${agent}: ${textAt(outcome, 'code') ?? 'failed'}`] : [],
  );
}

function section(title: string, lines: readonly string[]) {
  return {
    section_id: title.toLowerCase().replaceAll(' ', '-'),
    title,
    content: lines.filter((line) => line !== '').join('\n'),
    section_type: 'text',
  };
}
