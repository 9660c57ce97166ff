import { z } from 'zod';
import { priorities, share, sufficiencies, texts } from '../contracts/shared.ts';
import { triageCategories } from '../contracts/triage.ts';
import type { Agent, AgentInput, AgentMeans } from './agent.ts';
import { askModel } from './ask-model.ts';

/** Finds out what is asked, and whether there is enough to answer it from. */
export class TriageAgent implements Agent {
  static readonly agentName = 'triage';

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    await means.emit.thinking('Finding out what is asked and whether there is enough data to answer it.');
    const { words, proof } = await askModel({
      agent: 'triage',
      input,
      means,
      instruction,
      words: triageWords,
    });
    return { success: true, ...words, metadata: { ...proof, tool_calls: [] } };
  }
}

const list = texts.default([]);

const triageWords = z.object({
  category: z.enum(triageCategories),
  sub_category: z.string().default(''),
  priority: z.enum(priorities).default('medium'),
  complexity: z.enum(['high', 'medium', 'low']).default('medium'),
  confidence_score: share.default(0.5),
  data_sufficiency: z.enum(sufficiencies),
  intent: z
    .object({
      primary_intent: z.string().default('unknown'),
      secondary_intents: list,
      action_required: z.boolean().default(false),
      confidence: share.default(0.5),
    })
    .prefault({}),
  entities: z
    .object({
      models: list,
      metrics: list,
      time_ranges: list,
      thresholds: list,
      targets: list,
      providers: list,
      regions: list,
      services: list,
      raw_values: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  tools: z
    .object({
      primary_tools: list,
      secondary_tools: list,
      tool_scores: z.record(z.string(), share).default({}),
    })
    .prefault({}),
  next_steps: list,
  next_agents: list,
});

const instruction = `You triage requests about the cost and the speed of AI workloads. The user message is JSON: "request" is what the user asks. The user's own usage records can be fetched later.
Answer with one JSON object and nothing else:
{"category": one of ${JSON.stringify(triageCategories)}, "sub_category": text, "priority": "critical"|"high"|"medium"|"low", "complexity": "high"|"medium"|"low", "confidence_score": 0..1, "data_sufficiency": "sufficient"|"partial"|"insufficient"|"unknown", "intent": {"primary_intent": text, "secondary_intents": [text], "action_required": true|false, "confidence": 0..1}, "entities": {"models": [text], "metrics": [text], "time_ranges": [text], "thresholds": [text], "targets": [text], "providers": [text], "regions": [text], "services": [text], "raw_values": {name: text}}, "tools": {"primary_tools": [text], "secondary_tools": [text], "tool_scores": {name: 0..1}}, "next_steps": [text], "next_agents": [text]}
"data_sufficiency" is "sufficient" where usage records alone answer the request, "partial" where more is needed from the user as well, "insufficient" where nothing useful can be said without it, "unknown" where you cannot tell.`;
