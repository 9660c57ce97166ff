import fc from 'fast-check';
import type { Case } from '../case.ts';
import type { CasePlan } from '../scenario.ts';
import { lackedDependencies, lackMisfit, lackStates, type StartupLack } from '../startup.ts';

/**
 * The same cases, in which the pipeline is started in some environment and may lack something then. Its users have
 * raw clients: where nobody serves they go, and do not come again. Shrinks towards production, and towards nothing
 * that is missing.
 */
export function withStartup(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc.record({ plan: plans, lacks, where }).map(({ plan, lacks, where }) => ({
    ...plan,
    users: plan.users.map((user) => ({ ...user, client: 'raw' as const })),
    startup: { ...where, lacks },
  }));
}

const where = fc.constantFrom<Omit<NonNullable<Case['startup']>, 'lacks'>>(
  { environment: 'production' },
  { environment: 'staging' },
  { environment: 'development' },
  { environment: 'development', degraded: true },
  // Asked for where it must not be had.
  { environment: 'staging', degraded: true },
);

/** Less than a start waits, with some to spare; and more than two starts wait. */
const inTime = fc.integer({ min: 1, max: 700 });
const tooLate = fc.integer({ min: 12_000, max: 20_000 });

const lack: fc.Arbitrary<StartupLack> = fc.oneof(
  ...lackedDependencies.flatMap((dependency) =>
    lackStates.flatMap((state): fc.Arbitrary<StartupLack>[] => {
      if (lackMisfit({ dependency, state }) === null) return [fc.constant({ dependency, state })];
      if (lackMisfit({ dependency, state, forMs: 1 }) !== null) return [];
      const forMs = state === 'late' ? fc.oneof(inTime, tooLate) : tooLate;
      return [forMs.map((ms) => ({ dependency, state, forMs: ms }))];
    }),
  ),
);

const lacks = fc.uniqueArray(lack, {
  selector: ({ dependency }) => dependency,
  maxLength: 2,
});
