import { z } from 'zod';
import { metadata, priorities, texts } from './shared.ts';

export const planStep = z.strictObject({
  step_id: z.string(),
  description: z.string(),
  estimated_duration: z.string(),
  dependencies: texts,
  resources_needed: texts,
  status: z.enum(['pending', 'in_progress', 'completed', 'blocked']),
});

export const costBenefit = z.strictObject({
  /** US dollars a month; null where it cannot be told. */
  estimated_savings: z.number().nullable(),
  implementation_effort: z.string(),
});

export const postImplementation = z.strictObject({ monitoring: texts, rollback: z.string() });

/** How to do it: the plan, step by step. */
export const actionsResult = z.strictObject({
  action_plan_result: z.strictObject({
    action_plan_summary: z.string(),
    total_estimated_time: z.string(),
    required_approvals: texts,
    actions: texts,
    execution_timeline: texts,
    supply_config_updates: texts,
    post_implementation: postImplementation,
    cost_benefit_analysis: costBenefit,
    plan_steps: z.array(planStep),
    priority: z.enum(priorities),
    estimated_duration: z.string(),
    required_resources: texts,
    success_metrics: texts,
    /** True where the model left parts of the plan out; `extracted_fields` names those that it gave. */
    partial_extraction: z.boolean(),
    extracted_fields: texts,
    error: z.string().nullable(),
  }),
  metadata,
});
