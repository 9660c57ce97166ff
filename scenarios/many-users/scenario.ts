import fc from 'fast-check';
import { badLuck } from '../../harness/generators/bad-luck.ts';
import { withCanaries } from '../../harness/generators/canaries.ts';
import { crowds } from '../../harness/generators/crowd.ts';
import { holds } from '../../harness/generators/holds.ts';
import {
  admission,
  delayBounded,
  priorities,
  randomSchedule,
  type ScheduleOptions,
  withSchedule,
  work,
} from '../../harness/generators/schedules.ts';
import { aFailureStaysWhereItHappened } from '../../harness/invariants/a-failure-stays-where-it-happened.ts';
import { aRunIsTheSameInCompany } from '../../harness/invariants/a-run-is-the-same-in-company.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsLostSilently } from '../../harness/invariants/no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { noSecretIsShown } from '../../harness/invariants/no-secret-is-shown.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { nothingOfARunOutlivesIt } from '../../harness/invariants/nothing-of-a-run-outlives-it.ts';
import { theFiveEventsArriveInOrder } from '../../harness/invariants/the-five-events-arrive-in-order.ts';
import { whoFloodsIsToldSo } from '../../harness/invariants/who-floods-is-told-so.ts';
import { foreignValuesFound, usersFollowed } from '../../harness/isolation-figures.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { aloneIn } from '../../harness/twins.ts';

const company = ['bob', 'carol'];

/** Hers and theirs: whoever waits for whom, what she gets is the same. */
const races: ScheduleOptions = {
  chains: [
    { user: 'alice', run: 'run-1' },
    ...company.map((user) => ({ user, run: 'run-1' })),
    { user: 'alice', run: 'run-2' },
  ],
  moments: [...admission, ...work],
};
const schedules = fc.oneof(randomSchedule(races, 4), delayBounded(races, 3), priorities(races, 2));

const scenarios: readonly Scenario[] = [
  {
    id: 'many-users/company',
    title: 'What a user gets depends on who else is there, and on what befalls them',
    cases: withSchedule(withCanaries(crowds({ ...badLuck, others: company })), schedules),
    invariants: [
      aRunIsTheSameInCompany,
      nobodySeesAnothersValues,
      aFailureStaysWhereItHappened,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
    ],
    metrics: [foreignValuesFound, usersFollowed],
    twin: (playing) => aloneIn(playing, 'alice'),
  },
  {
    id: 'many-users/crowd',
    title: 'Many users at the same time: some fail, some flood, some leave, and others pay for it',
    cases: withCanaries(crowds({ ...badLuck, others: 5, holds: holds(2) })),
    invariants: [
      nobodySeesAnothersValues,
      aFailureStaysWhereItHappened,
      nothingOfARunOutlivesIt,
      everyAcceptedRunEnds,
      everyRefusalIsExplained,
      theFiveEventsArriveInOrder,
      noEventIsLostSilently,
      noEventIsSeenTwice,
      whoFloodsIsToldSo,
      noSecretIsShown,
    ],
    metrics: [foreignValuesFound, usersFollowed],
  },
];

export default scenarios;
