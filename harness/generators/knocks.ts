import fc from 'fast-check';
import type { CaseAction } from '../case.ts';
import type { CasePlan } from '../scenario.ts';
import type { FaultDraft } from './faults.ts';
import { kept } from './kept.ts';

/** A try to be let in, before its runs were named. */
export type Knock = Extract<CaseAction, { do: 'knock' }>;
type Said = Knock['says'][number];

/**
 * The same cases, in which alice knocks before she does anything else. The runs that a knock asks for are
 * named after it, so that no two ask for the same.
 */
export function withKnocks(
  cases: fc.Arbitrary<CasePlan>,
  knocks: fc.Arbitrary<readonly Knock[]>,
): fc.Arbitrary<CasePlan> {
  return fc.tuple(cases, knocks).map(([plan, drawn]) => ({
    ...plan,
    users: plan.users.map((user) =>
      user.id === 'alice' ? { ...user, actions: [...drawn.map(named), ...user.actions] } : user,
    ),
  }));
}

/**
 * The opening handshake raced in every way that a client can: what is shown, in how many packets it comes, what
 * is said before anybody is ready, how many come at once, who leaves when. Most are good clients that do not
 * wait. Shrinks towards one good client that asks for a run in the packet of its upgrade.
 */
export function races(): fc.Arbitrary<readonly Knock[]> {
  const each = fc.oneof({ weight: 5, arbitrary: impatient }, { weight: 1, arbitrary: uninvited });
  return fc.array(each, { maxLength: 4 });
}

/** Clients that come in and then say nothing for long: one lives and answers pings, the other is as good as dead. */
export function quietPeers(): fc.Arbitrary<readonly Knock[]> {
  return fc.array(
    fc
      .record({ answersPings: fc.boolean(), pieces: fc.integer({ min: 1, max: 3 }) })
      .map(({ answersPings, pieces }) => ({ ...plain, answersPings, pieces, staysMs: 6_000 })),
    { maxLength: 2 },
  );
}

/** To ask the store whether a token was revoked takes long, and authentication with it. */
export const slowAuthentication: fc.Arbitrary<FaultDraft> = fc
  .record({ count: fc.integer({ min: 1, max: 2 }), ms: fc.integer({ min: 1, max: 400 }) })
  .map(({ count, ms }) => ({
    of: 'user',
    at: { wire: 'redis', direction: 'request', kind: 'exists.revoked', count },
    fate: { do: 'delay', ms },
  }));

/**
 * Agents that take nearly as long as each of them may; four of them, also less than the whole run may take.
 */
export const slowAgents: fc.Arbitrary<readonly FaultDraft[]> = fc
  .record({
    kept,
    kinds: fc.subarray(['triage', 'data', 'optimization', 'actions', 'reporting'], {
      minLength: 1,
      maxLength: 4,
    }),
    ms: fc.integer({ min: 3_400, max: 3_600 }),
  })
  .map(({ kept: isKept, kinds, ms }) =>
    (isKept ? kinds : []).map((kind) => ({
      of: 'run',
      at: { wire: 'agent', direction: 'request', kind, count: 1 },
      fate: { do: 'delay', ms },
    })),
  );

const plain: Knock = {
  do: 'knock',
  token: 'good',
  offer: 'usual',
  origin: 'none',
  atOnce: 1,
  pieces: 1,
  betweenMs: 0,
  says: [],
  staysMs: 0,
  answersPings: true,
};

const moments: readonly Said['at'][] = ['upgrade', 'answer', 'welcome'];
const moment = fc.constantFrom<Said['at']>('upgrade', 'upgrade', 'answer', 'welcome');

const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ at: moment, what: fc.constant('start' as const), run: fc.constant('early') }),
  fc.record({ at: moment, what: fc.constant('ping' as const) }),
  fc.record({
    at: moment,
    what: fc.constant('resume' as const),
    // A run that nobody has, or a place in one that it has not: `named` makes it so.
    run: fc.constantFrom('forged', 'early'),
    after: fc.constantFrom(0, 1_000),
  }),
);

/** Now and then more than anybody keeps. */
const flood: fc.Arbitrary<Said[]> = fc
  .integer({ min: 65, max: 100 })
  .map((count) => Array.from({ length: count }, () => ({ at: 'upgrade', what: 'ping' })));

const impatient: fc.Arbitrary<Knock> = fc
  .record({
    offer: fc.constantFrom<Knock['offer']>('usual', 'token-first'),
    atOnce: fc.constantFrom(1, 1, 1, 2, 3),
    pieces: fc.integer({ min: 1, max: 6 }),
    betweenMs: fc.integer({ min: 0, max: 20 }),
    says: fc.oneof(
      { weight: 12, arbitrary: fc.array(said, { maxLength: 5 }) },
      { weight: 1, arbitrary: flood },
    ),
    // Most of them stay: only those can be asked whether something was lost.
    leaves: fc.oneof(
      { withCrossShrink: true },
      { weight: 3, arbitrary: fc.constant(undefined) },
      {
        weight: 1,
        arbitrary: fc.record({
          after: moment,
          ms: fc.integer({ min: 0, max: 30 }),
          by: fc.constantFrom<'fin' | 'reset'>('fin', 'reset'),
        }),
      },
    ),
    staysMs: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ leaves, ...rest }) => ({ ...plain, ...rest, ...(leaves === undefined ? {} : { leaves }) }));

const uninvited: fc.Arbitrary<Knock> = fc
  .record({
    shows: fc.constantFrom<Partial<Knock>>(
      { token: 'none' },
      { token: 'malformed' },
      { token: 'expired' },
      { token: 'other-key' },
      { token: 'unsigned' },
      { token: 'other-audience' },
      { offer: 'without-subprotocol' },
      { origin: 'foreign' },
      { origin: 'null' },
    ),
    pieces: fc.integer({ min: 1, max: 3 }),
    says: fc.array(said, { maxLength: 2 }),
  })
  .map(({ shows, ...rest }) => ({ ...plain, ...rest, ...shows }));

/** Its runs are its own; what is forged is so for certain. */
function named(knock: Knock, index: number): Knock {
  let starts = 0;
  const says = knock.says
    .toSorted((a, b) => moments.indexOf(a.at) - moments.indexOf(b.at))
    .map((each): Said => {
      if (each.what === 'ping') return each;
      if (each.what === 'start') return { ...each, run: `early-${index + 1}.${++starts}` };
      const isOfARun = each.run === 'early' && starts > 0;
      return isOfARun
        ? { ...each, run: `early-${index + 1}.${starts}`, after: 1_000 }
        : { ...each, run: `forged-${index + 1}` };
    });
  return { ...knock, says };
}
