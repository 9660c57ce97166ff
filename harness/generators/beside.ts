import fc from 'fast-check';
import type { Case, CaseAction } from '../case.ts';
import type { ScheduleConstraint } from '../fault.ts';
import type { Pattern } from '../message.ts';
import type { CasePlan } from '../scenario.ts';
import { kept } from './kept.ts';

/**
 * The same cases, and before her first question the first user starts another run, beneath her client: nothing
 * of it is confirmed. The two keep step, so that in any world they show things in the same millisecond. Shrinks
 * towards cases without it.
 */
export function withRunBeside(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc
    .record({ plan: plans, isKept: kept })
    .map(({ plan, isKept }) =>
      isKept
        ? inStep(
            withActions(plan, ['run-9'], ([connect, ...rest]) => [
              ...(connect === undefined ? [] : [connect]),
              starting('run-9'),
              ...rest,
            ]),
          )
        : plan,
    );
}

/** The model answers the first user's unconfirmed run no sooner than her first one. */
function inStep(plan: CasePlan): CasePlan {
  const answers = (run: string, kind: string): Pattern => ({
    wire: 'model',
    direction: 'reply',
    user: plan.users[0]?.id ?? '',
    run,
    kind,
    count: 1,
  });
  const constraints = ['triage', 'data', 'optimization', 'actions', 'reporting'].map(
    (kind): ScheduleConstraint => ({
      hold: answers('run-9', kind),
      until: answers('run-1', kind),
      atMostMs: 300,
      ofWorkload: true,
    }),
  );
  return { ...plan, schedule: [...plan.schedule, ...constraints] };
}

/**
 * The same, and at the end she asks for all that the run had to say: also of one whose process died, which has
 * no end before somebody asks.
 */
export function withRunBesideAskedFor(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc
    .record({ plan: plans, isKept: kept })
    .map(({ plan, isKept }) =>
      isKept
        ? withActions(plan, ['run-9'], ([connect, ...rest]) => [
            ...(connect === undefined ? [] : [connect]),
            starting('run-9'),
            ...rest,
            { do: 'connect' },
            resuming('run-9'),
            { do: 'wait', ms: readsMs },
          ])
        : plan,
    );
}

/**
 * The same cases; then the first user starts several runs at once, leaves while they are worked on, and asks
 * for all that they had to say when she comes back.
 */
export function withAbsence(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc
    .record({ plan: plans, runs: fc.integer({ min: 3, max: 5 }), stays: fc.integer({ min: 100, max: 200 }) })
    .map(({ plan, runs, stays }) => {
      const ids = Array.from({ length: runs }, (_, index) => `run-${index + 11}`);
      return barelyBegun(
        withActions(plan, ids, (actions) => [
          ...actions,
          ...ids.map(starting),
          { do: 'wait', ms: stays },
          { do: 'leave' },
          { do: 'wait', ms: awayMs },
          { do: 'connect' },
          ...ids.map(resuming),
          { do: 'wait', ms: readsMs },
        ]),
        ids,
      );
    });
}

/** The model takes its time for these runs' first agents: on any machine they have begun when she leaves, and not ended. */
function barelyBegun(plan: CasePlan, runs: readonly string[]): CasePlan {
  const user = plan.users[0]?.id ?? '';
  const constraints = runs.map(
    (run): ScheduleConstraint => ({
      hold: { wire: 'model', direction: 'reply', user, run, kind: 'triage', count: 1 },
      until: { wire: 'client', direction: 'request', user, run, kind: 'resume', count: 1 },
      atMostMs: 400,
      ofWorkload: true,
    }),
  );
  return { ...plan, schedule: [...plan.schedule, ...constraints] };
}

/** Longer than runs that nothing disturbs take together. */
const awayMs = 4_000;
const readsMs = 2_000;

function withActions(
  plan: CasePlan,
  runs: readonly string[],
  change: (actions: CaseAction[]) => CaseAction[],
): CasePlan {
  const [first, ...others] = plan.users;
  if (first === undefined) return plan;
  const scripts: Case['model'] = runs.map((run) => ({
    user: first.id,
    run,
    sufficiency: 'sufficient',
    chunks: 1,
  }));
  return {
    ...plan,
    users: [{ ...first, actions: change(first.actions) }, ...others],
    model: [...plan.model, ...scripts],
  };
}

function starting(run: string): CaseAction {
  const frame = {
    type: 'start_agent',
    run_id: run,
    thread_id: `thread-of-${run}`,
    payload: { user_request: 'What do our model calls cost?' },
  };
  return { do: 'send', text: JSON.stringify(frame) };
}

function resuming(run: string): CaseAction {
  return { do: 'send', text: JSON.stringify({ type: 'resume', run_id: run, after: 0 }) };
}
