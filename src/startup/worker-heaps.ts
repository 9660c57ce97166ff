import type { PipelineConfig } from '../config.ts';

/** Whether the heaps of threads for agents, which lie in the gateway's own process, may outgrow what it may have. */
export function workerHeapsOutgrow({ agents, limits }: Pick<PipelineConfig, 'agents' | 'limits'>): boolean {
  return agents.place === 'worker' && agents.memoryBytes * agents.roomsMost > limits.processBytes;
}
