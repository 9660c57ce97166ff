import fc from 'fast-check';
import type { ScheduleConstraint } from '../fault.ts';
import type { Pattern, WireName } from '../message.ts';
import type { CasePlan } from '../scenario.ts';
import { kept } from './kept.ts';
import type { Moment } from './process-faults.ts';

/** One run of one user: its messages follow from one another, so that it is to a schedule what a thread is. */
export interface Chain {
  readonly user: string;
  readonly run: string;
}

/** A run of one case. */
export interface PresentChain extends Chain {
  /** Its user asks for it only when another has ended. */
  readonly follows: boolean;
}

/**
 * A schedule before it is known which runs a case has: those that are given, in the order in which they begin.
 * Who is left out is left out of the schedule, and the rest of it stays as it is.
 */
export type ScheduleDraft = (chains: readonly PresentChain[]) => readonly ScheduleConstraint[];

/** What a strategy is told. */
export interface ScheduleOptions {
  /** All runs that a case may have. */
  readonly chains: readonly Chain[];
  /** Where runs may race, in the order in which a run comes to them. */
  readonly moments: readonly [Moment, ...Moment[]];
}

/** From the first word of a run to where its work begins: who is let in races here. */
export const admission: readonly [Moment, ...Moment[]] = [
  { wire: 'client', direction: 'request', kind: 'start_agent', times: 1 },
  { wire: 'redis', direction: 'request', kind: 'set.slot', times: 1 },
  { wire: 'redis', direction: 'reply', kind: 'set.slot', times: 1 },
  { wire: 'redis', direction: 'request', kind: 'set.delivery', times: 1 },
  { wire: 'redis', direction: 'reply', kind: 'set.delivery', times: 1 },
  { wire: 'redis', direction: 'reply', kind: 'xadd.events', times: 1 },
  { wire: 'agent', direction: 'request', kind: 'triage', times: 1 },
];

/** From there to the end: what runs share may be changed between any two of these. */
export const work: readonly [Moment, ...Moment[]] = [
  { wire: 'model', direction: 'request', kind: 'triage', times: 1 },
  { wire: 'agent', direction: 'reply', kind: 'triage', times: 1 },
  { wire: 'redis', direction: 'request', kind: 'set.state', times: 3 },
  { wire: 'agent', direction: 'request', kind: 'data', times: 1 },
  { wire: 'tool', direction: 'request', kind: 'fetch_usage_metrics', times: 1 },
  { wire: 'agent', direction: 'reply', kind: 'data', times: 1 },
  { wire: 'agent', direction: 'request', kind: 'reporting', times: 1 },
  { wire: 'client', direction: 'reply', kind: 'run_completed', times: 1 },
];

/**
 * The same cases under a schedule; its constraints are dropped one by one as a case shrinks. Constraints on
 * what a case has by itself stay.
 */
export function withSchedule(
  plans: fc.Arbitrary<CasePlan>,
  schedules: fc.Arbitrary<ScheduleDraft>,
): fc.Arbitrary<CasePlan> {
  const each = fc.tuple(...Array.from({ length: constraintsMax }, () => kept));
  return fc.tuple(plans, schedules, each).map(([plan, draft, isKept]) => ({
    ...plan,
    schedule: [
      ...plan.schedule,
      ...draft(chainsOf(plan))
        .slice(0, constraintsMax)
        .filter((_, index) => isKept[index] === true),
    ],
  }));
}

/** More than any strategy here asks for where four runs meet. */
const constraintsMax = 8;

/** Up to `atMost` constraints, each between any moments of any two runs, either way round. */
export function randomSchedule(
  { chains, moments }: ScheduleOptions,
  atMost: number,
): fc.Arbitrary<ScheduleDraft> {
  const constraint = fc.record({
    pair: pairIn(chains),
    turned: fc.boolean(),
    hold: momentIn(moments),
    until: momentIn(moments),
  });
  return fc.array(constraint, { minLength: 1, maxLength: atMost }).map((drawn) => (present) => {
    const isThere = (chain: Chain): boolean => present.some((each) => same(each, chain));
    return drawn
      .filter(({ pair }) => pair.every(isThere))
      .map(({ pair, turned, hold, until }) => {
        const [held, other] = turned ? [pair[1], pair[0]] : pair;
        return holding(patternOf(held, hold), patternOf(other, until));
      });
  });
}

/**
 * Runs go in their usual order, first come, first served, but for at most `delays` times: then one of them is
 * held up at a moment until another, which began later, has come to a moment of its own.
 */
export function delayBounded(
  { chains, moments }: ScheduleOptions,
  delays: number,
): fc.Arbitrary<ScheduleDraft> {
  const delay = fc.record({ pair: pairIn(chains), at: momentIn(moments), until: momentIn(moments) });
  return fc.array(delay, { minLength: 1, maxLength: delays }).map((drawn) => (present) => {
    const placeOf = (chain: Chain): number => present.findIndex((each) => same(each, chain));
    return drawn.flatMap(({ pair: [one, other], at, until }) => {
      const [earlier, later] = placeOf(one) < placeOf(other) ? [one, other] : [other, one];
      if (placeOf(earlier) < 0) return [];
      return [holding(patternOf(earlier, at), patternOf(later, until))];
    });
  });
}

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, 2010). Each run has a
 * priority, drawn for the run and for no other; of those that are there the highest goes on alone, until it
 * has passed its last moment or comes to one of `depth - 1` change points, from which on it has the lowest.
 * Runs that follow another one of their user have no turn of their own. That is written as one constraint for each change of turns.
 *
 * A failure that takes `depth` moments in one order is met with a probability of at least
 * 1 / (n · k^(depth - 1)), with n runs and k moments of all runs together, provided that no run needs another
 * one's progress to get on, and that moments are where runs race. Where messages share a connection they keep
 * their order: a turn that cannot be had there ends with the bound of its constraint, and the rest goes on.
 */
export function priorities({ chains, moments }: ScheduleOptions, depth: number): fc.Arbitrary<ScheduleDraft> {
  const steps = moments.length;
  const change = fc.record({ chain: fc.constantFrom(...chains), step: fc.nat(steps - 1) });
  // Without the bias of small values towards the ends: the bound counts on all being equally likely.
  return fc
    .noBias(
      fc.record({
        // Two that are alike go in the order in which they are named.
        drawn: fc.tuple(...chains.map(() => fc.nat(0x3fff_ffff))),
        changes: fc.array(change, { minLength: depth - 1, maxLength: depth - 1 }),
      }),
    )
    .map(({ drawn, changes }) => (present) => {
      const turns = present
        .filter(({ follows }) => !follows)
        .flatMap((chain): Turn[] => {
          const own = drawn[chains.findIndex((each) => same(each, chain))] ?? 0;
          const points = changes
            .map(({ chain: changed, step }, index) => ({ changed, step, index }))
            .filter(({ changed }) => same(changed, chain))
            .sort((a, b) => a.step - b.step || a.index - b.index);
          const starts = [
            { step: 0, rank: own + depth },
            ...points.map(({ step, index }) => ({ step, rank: -index })),
          ];
          return starts.flatMap(({ step, rank }, index) => {
            const end = starts[index + 1]?.step ?? steps;
            return end > step ? [{ chain, from: step, to: end - 1, rank }] : [];
          });
        });
      return inTurn(turns, moments);
    });
}

/** A stretch of one run's moments that is gone through without a break. */
interface Turn {
  readonly chain: Chain;
  readonly from: number;
  readonly to: number;
  /** The highest goes first. */
  readonly rank: number;
}

/** One turn after the other, by rank; the turns of one run stay in their order. */
function inTurn(turns: readonly Turn[], moments: readonly Moment[]): ScheduleConstraint[] {
  const left = [...turns];
  const order: Turn[] = [];
  while (left.length > 0) {
    const firsts = left.filter(
      (turn) => !left.some((other) => same(other.chain, turn.chain) && other.from < turn.from),
    );
    const [next] = firsts.sort((a, b) => b.rank - a.rank);
    if (next === undefined) break;
    order.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return order.flatMap((turn, index) => {
    const before = order[index - 1];
    if (before === undefined || same(before.chain, turn.chain)) return [];
    return [holding(stepOf(turn.chain, turn.from, moments), stepOf(before.chain, before.to, moments))];
  });
}

/** The moment to which this run comes at this step. */
export function stepOf({ user, run }: Chain, step: number, moments: readonly Moment[]): Pattern {
  const { times: _, ...kind } = moments[step] ?? (moments[0] as Moment);
  return { ...kind, user, run, count: 1 };
}

/** Two runs of which neither is the other; shrinks towards the first two. */
function pairIn(chains: readonly Chain[]): fc.Arbitrary<readonly [Chain, Chain]> {
  return fc.constantFrom(
    ...chains.flatMap((later, index) =>
      chains.slice(0, index).map((earlier): [Chain, Chain] => [earlier, later]),
    ),
  );
}

/** A kind of message, and which of them; shrinks towards the first of the first. */
function momentIn(moments: readonly [Moment, ...Moment[]]): fc.Arbitrary<Omit<Pattern, 'user' | 'run'>> {
  return fc
    .record({ moment: fc.constantFrom(...moments), nth: fc.nat(59) })
    .map(({ moment: { times, ...kind }, nth }) => ({ ...kind, count: 1 + (nth % times) }));
}

function patternOf({ user, run }: Chain, moment: Omit<Pattern, 'user' | 'run'>): Pattern {
  return { ...moment, user, run };
}

/** The bound keeps a case alive whose order cannot be had. */
export function holding(hold: Pattern, until: Pattern): ScheduleConstraint {
  return { hold, until, atMostMs: atMostMs[hold.wire] };
}

/**
 * Shorter than anybody there waits: on Redis all of a gateway's users stand behind one message, and a silent
 * connection is replaced after half a second.
 */
const atMostMs: { readonly [wire in WireName]: number } = {
  client: 400,
  redis: 200,
  model: 400,
  tool: 400,
  agent: 400,
};

/** The runs of a case, in the order in which they begin as far as the plan says. */
export function chainsOf({ users }: CasePlan): PresentChain[] {
  return users
    .flatMap(({ id, arrivesAtMs, actions }) => {
      let at = arrivesAtMs;
      let follows = false;
      return actions.flatMap((action) => {
        if (action.do === 'wait') at += action.ms;
        if (action.do !== 'ask') return [];
        const chain = { user: id, run: action.run, at, follows };
        at += usualRunMs;
        follows = true;
        return [chain];
      });
    })
    .sort((a, b) => a.at - b.at)
    .map(({ user, run, follows }) => ({ user, run, follows }));
}

/** What a run takes that nothing holds up. */
const usualRunMs = 100;

function same(a: Chain, b: Chain): boolean {
  return a.user === b.user && a.run === b.run;
}
