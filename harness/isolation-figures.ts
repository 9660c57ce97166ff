import { nobodySeesAnothersValues } from './invariants/nobody-sees-anothers-values.ts';
import { privateValuesOf } from './invariants/reading/private-values.ts';
import type { Metric } from './scenario.ts';

/** Of all values that belong to one user alone: places in which one was found with somebody else. */
export const foreignValuesFound: Metric = {
  name: 'foreign values found',
  unit: 'count',
  measure(history) {
    const { verdict } = nobodySeesAnothersValues.check(history);
    return {
      hits: verdict.is === 'broken' ? verdict.violations.length : 0,
      of: privateValuesOf(history).size,
    };
  },
};

/** How many users were followed. */
export const usersFollowed: Metric = {
  name: 'users followed',
  unit: 'count',
  measure(history) {
    const users = new Set([...privateValuesOf(history).values()].map(({ user }) => user));
    return { hits: users.size, of: users.size };
  },
};
