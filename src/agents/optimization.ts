import { z } from 'zod';
import { share, texts } from '../contracts/shared.ts';
import type { Agent, AgentInput, AgentMeans } from './agent.ts';
import { askModel } from './ask-model.ts';
import { callTool } from './call-tool.ts';
import { found, numberAt, objectAt } from './handed-in.ts';

/** Says what could be done better, with the prices of the models that are in use. */
export class OptimizationAgent implements Agent {
  static readonly agentName = 'optimization';

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    await means.emit.thinking('Comparing the models in use with others by price.');
    const data = found(input.results.data);
    const models = Object.keys(objectAt(data, 'cost_by_model')).slice(0, modelsMax);
    const prices = await callTool(means, input, 'optimization', 'look_up_model_prices', { models });
    const { words, proof, toolCalls } = await askModel({
      agent: 'optimization',
      input,
      means,
      instruction,
      words: optimizationWords,
      toolResults: { look_up_model_prices: prices.outcome },
      tools: ['look_up_model_prices', 'compute_cost_and_latency'],
    });
    const savings = numberAt(data, 'potential_savings');
    return {
      optimization_type: words.optimization_type,
      recommendations: words.recommendations,
      confidence_score: words.confidence_score,
      ...(savings === null ? {} : { cost_savings: savings }),
      ...(words.performance_improvement === undefined
        ? {}
        : { performance_improvement: words.performance_improvement }),
      metadata: { ...proof, tool_calls: [prices.id, ...toolCalls] },
    };
  }
}

const modelsMax = 50;

const optimizationWords = z.object({
  optimization_type: z.string().default('general'),
  recommendations: texts,
  confidence_score: share.default(0.8),
  performance_improvement: z.string().optional(),
});

const instruction = `You recommend how to make AI workloads cheaper and faster. The user message is JSON: "request" is what the user asks, "results" what others found in the user's own records, "tool_results" list prices of the models in use. Never invent figures.
Answer with one JSON object and nothing else:
{"optimization_type": text, "recommendations": [text], "confidence_score": 0..1, "performance_improvement": text (leave it out where it cannot be told)}`;
