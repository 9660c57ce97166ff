import fc from 'fast-check';
import { expect, it } from 'vitest';
import { returnMs } from '../reference/config.ts';
import { modelAway, withQuestionsInOutage } from './outages.ts';
import { casePlans } from './workload.ts';

it('asks once more when the longest outage is over and service must be back', () => {
  const plans = withQuestionsInOutage(casePlans({ process: fc.array(modelAway, { maxLength: 1 }) }));
  for (const { users, process = [] } of fc.sample(plans, { seed: 383, numRuns: 50 })) {
    const waits = users[0]?.actions.flatMap((action) => (action.do === 'wait' ? [action.ms] : [])) ?? [];
    if (waits.length < 2) continue;
    const [outage] = process.map(({ fate }) => (fate.do === 'model-down' ? fate.ms : 0));
    expect(waits.reduce((sum, ms) => sum + ms)).toBeGreaterThan((outage ?? 0) + returnMs);
  }
});
