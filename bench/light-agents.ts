import { z } from 'zod';
import type { Defect } from '../harness/scenario.ts';
import { ActionsAgent } from '../src/agents/actions.ts';
import type { Agent, AgentClass, AgentInput, AgentMeans, AgentName } from '../src/agents/agent.ts';
import { askModel } from '../src/agents/ask-model.ts';
import { ReportingAgent } from '../src/agents/reporting.ts';
import { TriageAgent } from '../src/agents/triage.ts';
import { texts } from '../src/contracts/shared.ts';

/**
 * Agents that weigh what the goal's fixed workload does: each asks the model once and returns a result on its
 * contract, without a thought or a tool call to show. All else is the pipeline as it is. They reach a
 * simulated world as any other part does.
 */
const lightAgents: readonly Defect[] = [
  {
    name: 'light-agents',
    kind: 'as-reported',
    story: 'No defect: agents of a stated weight, to measure a simulated run with.',
    breaks: [],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      agents: { ...healthy.agents, ...light },
    }),
  },
];

export default lightAgents;

/** Made once: a class that every play makes anew is compiled anew in every play. */
const light = {
  triage: withoutThoughts(TriageAgent),
  data: asking('data', ({ insights }) => ({
    analysis_type: 'usage_pattern',
    metrics: {
      avg_latency: null,
      percentiles: { p50: null, p95: null, p99: null },
      avg_throughput: null,
      total_requests: 0,
    },
    cost_by_model: {},
    current_monthly_cost: null,
    potential_savings: null,
    trends: [],
    insights,
    recommendations: [],
    anomalies: [],
    severity: 'none',
    opportunities: [],
  })),
  optimization: asking('optimization', ({ recommendations }) => ({
    optimization_type: 'general',
    recommendations,
    confidence_score: 0.8,
  })),
  actions: withoutThoughts(ActionsAgent),
  reporting: withoutThoughts(ReportingAgent),
};

const words = z.object({ insights: texts.default([]), recommendations: texts.default([]) });

function asking(agent: AgentName, resultOf: (said: z.output<typeof words>) => object): AgentClass {
  return class implements Agent {
    static readonly agentName = agent;

    async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
      const instruction = 'Answer with one JSON object: {"insights": [text], "recommendations": [text]}';
      const { words: said, proof } = await askModel({ agent, input, means, instruction, words });
      return { ...resultOf(said), metadata: { ...proof, tool_calls: [] } };
    }
  };
}

function withoutThoughts(of: AgentClass): AgentClass {
  return class implements Agent {
    static readonly agentName = of.agentName;

    run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
      return new of().run(input, { ...means, emit: { thinking: () => Promise.resolve() } }, signal);
    }
  };
}
