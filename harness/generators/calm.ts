import fc from 'fast-check';
import type { Case, CaseAction } from '../case.ts';
import type { CasePlan } from '../scenario.ts';
import { kept } from './kept.ts';
import { requests } from './requests.ts';

/**
 * The same cases; afterwards everybody waits until whatever happened is over and done with, and asks once more.
 * Shrinks towards cases without it.
 */
export function withCalm(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc
    .record({ plan: plans, isKept: kept, request: fc.constantFrom(...requests) })
    .map(({ plan, isKept, request }) => (isKept ? asking(plan, request) : plan));
}

/** Longer than the pipeline may take to serve again, and than any disturbance lasts that generators make. */
const calmAfterMs = 7_000;
const run = 'run-calm';

function asking(plan: CasePlan, request: string): CasePlan {
  const actions: readonly CaseAction[] = [
    { do: 'wait', ms: calmAfterMs },
    { do: 'ask', run, thread: 'thread-calm', request },
  ];
  const scripts: Case['model'] = plan.users.map((user) => ({
    user: user.id,
    run,
    sufficiency: 'sufficient',
    chunks: 1,
  }));
  return {
    ...plan,
    users: plan.users.map((user) => ({ ...user, actions: [...user.actions, ...actions] })),
    model: [...plan.model, ...scripts],
  };
}
