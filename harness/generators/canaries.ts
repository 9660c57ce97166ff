import type fc from 'fast-check';
import { canaryOf } from '../canary.ts';
import type { CaseAction } from '../case.ts';
import type { CasePlan } from '../scenario.ts';

/** The same cases, in which each user's requests and threads carry a word that is that user's alone. */
export function withCanaries(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return plans.map((plan) => ({
    ...plan,
    users: plan.users.map((user) => ({
      ...user,
      actions: user.actions.map((action) => planted(action, canaryOf(user.id))),
    })),
  }));
}

function planted(action: CaseAction, canary: string): CaseAction {
  if (action.do !== 'ask') return action;
  const { thread, request } = action;
  return { ...action, thread: `${thread}.${canary}`, request: `${request} (our reference: ${canary})` };
}
