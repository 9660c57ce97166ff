import fc from 'fast-check';
import type { Case } from '../../case.ts';
import { contaminationsAt } from '../../generators/contaminations.ts';
import { agentThrows, clientCut, modelFails, redisFails, toolThrows } from '../../generators/faults.ts';
import { casePlans } from '../../generators/workload.ts';
import { hashOf } from '../../history-file.ts';
import { createSimulatedPool } from './pool.ts';

/** Cases of every kind of disturbance, the same in every process: one for each seed from 0. */
export function someCases(count: number): Case[] {
  const faults = fc.oneof(
    agentThrows('data', 'triage'),
    toolThrows('fetch_usage_metrics'),
    modelFails('data', 'reporting'),
    redisFails('xadd.events', 'set.state'),
    clientCut('agent_thinking', 'agent_completed'),
  );
  const contaminations = contaminationsAt([
    { wire: 'agent', kind: 'data', path: ['metrics'] },
    { wire: 'tool', kind: 'fetch_usage_metrics', path: [] },
  ]);
  const plans = fc.sample(casePlans({ faults: fc.array(faults, { maxLength: 2 }), contaminations }), {
    numRuns: count,
    seed: 20260105,
  });
  return plans.map((plan, seed) => ({ schema: 'faultline.case/1', scenario: 'test/some', seed, ...plan }));
}

/** Plays them in this process and gives the hash of each history. */
export async function hashesOf(cases: readonly Case[]): Promise<string[]> {
  const pool = createSimulatedPool({ threads: 1 });
  try {
    const hashes: string[] = [];
    for (const each of cases) hashes.push(hashOf(await pool.play(each)));
    return hashes;
  } finally {
    await pool.close();
  }
}

// In a process of its own: tells its parent the hashes of as many cases as the parent asks for.
if (process.argv[2] === 'as-a-process') {
  process.send?.(await hashesOf(someCases(Number(process.argv[3]))));
  process.disconnect();
}
