import fc from 'fast-check';
import type { Case, CaseAction } from '../case.ts';
import type { ProcessFate } from '../process-fault.ts';
import type { CasePlan } from '../scenario.ts';
import { kept } from './kept.ts';
import type { ProcessFaultDraft } from './process-faults.ts';
import { requests } from './requests.ts';

/** Longer than anybody may not know of it, and than a refusal may take, together. */
const lasting = fc.integer({ min: 6_000, max: 8_000 });

/** The model goes away, right after a run or some time in it, and is back after seconds. */
export const modelAway = outage(lasting.map((ms): ProcessFate => ({ do: 'model-down', ms })));

/** The same of Redis. */
export const redisAway = outage(
  lasting.map((backAfterMs): ProcessFate => ({ do: 'kill-redis', backAfterMs, data: 'kept' })),
);

function outage(fate: fc.Arbitrary<ProcessFate>): fc.Arbitrary<ProcessFaultDraft> {
  const at = fc.constantFrom<ProcessFaultDraft['at']>(
    { wire: 'client', direction: 'reply', kind: 'run_completed', count: 1 },
    { wire: 'client', direction: 'reply', kind: 'agent_completed', count: 1 },
    { wire: 'redis', direction: 'request', kind: 'xadd.events', count: 2 },
  );
  return fc.record({ at, fate });
}

/**
 * The same cases; after her first question the first user waits as long as it takes to know of an outage, asks,
 * waits until it is over, and asks once more. Shrinks towards cases without the last.
 */
export function withQuestionsInOutage(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc
    .record({
      plan: plans,
      waits: fc.integer({ min: 1_200, max: 2_000 }),
      request: fc.constantFrom(...requests),
      asksAgain: kept,
    })
    .map(({ plan, waits, request, asksAgain }) => {
      const [first, ...others] = plan.users;
      if (first === undefined) return plan;
      const asked = [
        { run: inOutage, afterMs: waits },
        ...(asksAgain ? [{ run: afterOutage, afterMs: 14_000 }] : []),
      ];
      const actions = asked.flatMap(({ run, afterMs }): CaseAction[] => [
        { do: 'wait', ms: afterMs },
        { do: 'ask', run, thread: `thread-of-${run}`, request },
      ]);
      const scripts: Case['model'] = asked.map(({ run }) => ({
        user: first.id,
        run,
        sufficiency: 'sufficient',
        chunks: 1,
      }));
      const [connect, ask] = first.actions;
      const before = [connect, ask].filter((action) => action !== undefined);
      return {
        ...plan,
        users: [{ ...first, actions: [...before, ...actions] }, ...others],
        model: [...plan.model, ...scripts],
      };
    });
}

const inOutage = 'run-21';
const afterOutage = 'run-22';
