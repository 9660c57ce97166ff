import type { Place } from '../../harness/generators/contaminations.ts';

/**
 * Places in the results of the reference pipeline's agents and tools that every healthy result has: whole
 * blocks, single values and members of lists. Shrinking goes towards the first.
 */
export const places: readonly Place[] = [
  ...under('agent', 'data', [
    ['insights'],
    ['insights', 0],
    ['metrics'],
    ['metrics', 'percentiles', 'p95'],
    ['cost_by_model'],
    ['severity'],
  ]),
  ...under('agent', 'triage', [
    ['category'],
    ['data_sufficiency'],
    ['intent'],
    ['intent', 'secondary_intents'],
    ['entities', 'raw_values'],
  ]),
  ...under('agent', 'optimization', [['recommendations'], ['recommendations', 0], ['confidence_score']]),
  ...under('agent', 'actions', [
    ['action_plan_result', 'plan_steps'],
    ['action_plan_result', 'plan_steps', 0, 'dependencies'],
    ['action_plan_result', 'cost_benefit_analysis', 'estimated_savings'],
  ]),
  ...under('agent', 'data_helper', [['data_request', 'data_categories'], ['user_request']]),
  ...under('agent', 'reporting', [
    ['report'],
    ['sections', 0, 'content'],
    ['next_steps'],
    ['data_completeness'],
  ]),
  ...under('tool', 'fetch_usage_metrics', [['records', 0, 'latency_ms'], ['records'], ['records_left_out']]),
  ...under('tool', 'compute_cost_and_latency', [['latency_ms'], ['cost', 'by_model', 0], ['monthly_usd']]),
  ...under('tool', 'look_up_model_prices', [['prices'], ['as_of']]),
];

function under(wire: Place['wire'], kind: string, paths: readonly Place['path'][]): Place[] {
  return paths.map((path) => ({ wire, kind, path }));
}
