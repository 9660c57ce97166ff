import type { Case } from '../../case.ts';

/** A user who asks once for each run named. */
export function asking(user: string, ...runs: string[]): Case['users'][number] {
  return {
    id: user,
    arrivesAtMs: 0,
    confirms: 'all',
    actions: [
      { do: 'connect' },
      ...runs.map((run) => ({
        do: 'ask' as const,
        run,
        thread: 'thread-1',
        request: 'Why did my model costs double last week?',
      })),
    ],
  };
}

/** A case of these users, whose models find what they need, disturbed by `what`. */
export function caseOf(users: Case['users'], what: Partial<Case> = {}): Case {
  return {
    schema: 'faultline.case/1',
    scenario: 'test/toy',
    seed: 1,
    users,
    model: users.flatMap((user) =>
      user.actions.flatMap((action) =>
        action.do === 'ask'
          ? [{ user: user.id, run: action.run, sufficiency: 'sufficient' as const, chunks: 3 }]
          : [],
      ),
    ),
    faults: [],
    contaminations: [],
    schedule: [],
    ...what,
  };
}
