import type { UsageSource } from '../ports.ts';
import { computeCostAndLatency } from './compute-cost-and-latency.ts';
import { fetchUsageMetrics } from './fetch-usage-metrics.ts';
import { lookUpModelPrices } from './look-up-model-prices.ts';
import type { Tool } from './tool.ts';

/** The tools of the pipeline. */
export function createTools(usage: UsageSource): Tool[] {
  return [fetchUsageMetrics(usage), computeCostAndLatency, lookUpModelPrices];
}
