import { z } from 'zod';
import { planStep } from '../contracts/actions.ts';
import { priorities, texts } from '../contracts/shared.ts';
import type { Agent, AgentInput, AgentMeans } from './agent.ts';
import { askModel } from './ask-model.ts';
import { found, numberAt } from './handed-in.ts';

/** Turns recommendations into a plan, step by step. */
export class ActionsAgent implements Agent {
  static readonly agentName = 'actions';

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    await means.emit.thinking('Turning the recommendations into a plan.');
    const { words, proof } = await askModel({
      agent: 'actions',
      input,
      means,
      instruction,
      words: actionsWords,
    });
    const given = Object.keys(optionalParts).filter(
      (part) => words[part as keyof typeof words] !== undefined,
    );
    return {
      action_plan_result: {
        action_plan_summary: words.action_plan_summary,
        total_estimated_time: words.total_estimated_time ?? 'not known',
        required_approvals: words.required_approvals ?? [],
        actions: words.actions ?? [],
        execution_timeline: words.execution_timeline ?? [],
        supply_config_updates: words.supply_config_updates ?? [],
        post_implementation: words.post_implementation ?? { monitoring: [], rollback: 'not known' },
        cost_benefit_analysis: {
          estimated_savings: numberAt(found(input.results.optimization), 'cost_savings'),
          implementation_effort: words.implementation_effort ?? 'not known',
        },
        plan_steps: words.plan_steps,
        priority: words.priority ?? 'medium',
        estimated_duration: words.total_estimated_time ?? 'not known',
        required_resources: words.required_resources ?? [],
        success_metrics: words.success_metrics ?? [],
        partial_extraction: given.length < Object.keys(optionalParts).length,
        extracted_fields: ['action_plan_summary', 'plan_steps', ...given],
        error: null,
      },
      metadata: { ...proof, tool_calls: [] },
    };
  }
}

/** Parts of a plan that a model may leave out; the result then says so. */
const optionalParts = {
  total_estimated_time: z.string().optional(),
  required_approvals: texts.optional(),
  actions: texts.optional(),
  execution_timeline: texts.optional(),
  supply_config_updates: texts.optional(),
  post_implementation: z.object({ monitoring: texts, rollback: z.string() }).optional(),
  implementation_effort: z.string().optional(),
  priority: z.enum(priorities).optional(),
  required_resources: texts.optional(),
  success_metrics: texts.optional(),
};

const step = planStep.shape;

const actionsWords = z.object({
  action_plan_summary: z.string(),
  plan_steps: z.array(
    z.object({
      step_id: step.step_id,
      description: step.description,
      estimated_duration: step.estimated_duration.default('not known'),
      dependencies: step.dependencies.default([]),
      resources_needed: step.resources_needed.default([]),
      status: step.status.default('pending'),
    }),
  ),
  ...optionalParts,
});

const instruction = `You turn recommendations for AI workloads into a plan. The user message is JSON: "request" is what the user asks, "results" holds the recommendations. Never invent figures.
Answer with one JSON object and nothing else:
{"action_plan_summary": text, "plan_steps": [{"step_id": text, "description": text, "estimated_duration": text, "dependencies": [step_id], "resources_needed": [text], "status": "pending"}], "total_estimated_time": text, "required_approvals": [text], "actions": [text], "execution_timeline": [text], "supply_config_updates": [text], "post_implementation": {"monitoring": [text], "rollback": text}, "implementation_effort": text, "priority": "critical"|"high"|"medium"|"low", "required_resources": [text], "success_metrics": [text]}`;
