import type { Place } from '../../harness/generators/contaminations.ts';

/**
 * Places in the results of the reference pipeline's agents and tools that every healthy result has: whole
 * results, whole blocks, single values and members of lists, and what the contract of an agent lets stand
 * there. Shrinking goes towards the first.
 */
export const places: readonly Place[] = [
  ...under('agent', 'data', [
    [['insights'], 'texts'],
    [['insights', 0], 'text'],
    [['metrics']],
    [['metrics', 'percentiles', 'p95'], 'number'],
    [['cost_by_model'], 'names to numbers'],
    [['severity']],
    [[]],
  ]),
  ...under('agent', 'triage', [
    [['category']],
    [['data_sufficiency']],
    [['intent']],
    [['intent', 'secondary_intents'], 'texts'],
    [['entities', 'raw_values'], 'names to texts'],
    [[]],
  ]),
  ...under('agent', 'optimization', [
    [['recommendations'], 'texts'],
    [['recommendations', 0], 'text'],
    [['confidence_score'], 'number'],
    [[]],
  ]),
  ...under('agent', 'actions', [
    [['action_plan_result', 'plan_steps']],
    [['action_plan_result', 'plan_steps', 0, 'dependencies'], 'texts'],
    [['action_plan_result', 'cost_benefit_analysis', 'estimated_savings'], 'number'],
    [[]],
  ]),
  ...under('agent', 'data_helper', [[['data_request', 'data_categories']], [['user_request'], 'text'], [[]]]),
  ...under('agent', 'reporting', [
    [['report'], 'text'],
    [['sections', 0, 'content'], 'text'],
    [['next_steps'], 'texts'],
    [['data_completeness'], 'number'],
    [[]],
  ]),
  ...under('tool', 'fetch_usage_metrics', [
    [['records', 0, 'latency_ms']],
    [['records']],
    [['records_left_out']],
    [[]],
  ]),
  ...under('tool', 'compute_cost_and_latency', [
    [['latency_ms']],
    [['cost', 'by_model', 0]],
    [['monthly_usd']],
    [[]],
  ]),
  ...under('tool', 'look_up_model_prices', [[['prices']], [['as_of']], [[]]]),
];

function under(
  wire: Place['wire'],
  kind: string,
  paths: readonly (readonly [Place['path'], Place['holds']?])[],
): Place[] {
  return paths.map(([path, holds]) => ({ wire, kind, path, ...(holds === undefined ? {} : { holds }) }));
}
