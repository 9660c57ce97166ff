import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Case, caseSchema, caseSchemaId } from '../case.ts';
import { describeCase } from '../explore/describe-case.ts';
import type { ScheduleConstraint } from '../fault.ts';
import { eventsOf } from '../history.ts';
import type { Pattern } from '../message.ts';
import { createSimulatedPool } from '../worlds/simulated/pool.ts';
import {
  admission,
  delayBounded,
  priorities,
  randomSchedule,
  type ScheduleDraft,
  withSchedule,
  work,
} from './schedules.ts';
import { runsInWindows, windows } from './windows.ts';

const everywhere = { chains: runsInWindows, moments: [...admission, ...work] as const };
const strategies: readonly (readonly [string, fc.Arbitrary<ScheduleDraft>])[] = [
  ['random', randomSchedule(everywhere, 4)],
  ['delay-bounded', delayBounded(everywhere, 3)],
  ['priorities', priorities(everywhere, 3)],
];

const [one, two, three] = ['run-1', 'run-2', 'run-3'].map((run) => ({ user: 'alice', run, follows: false }));
const present = [one, two, three].filter((chain) => chain !== undefined);

function casesWith(schedules: fc.Arbitrary<ScheduleDraft>): fc.Arbitrary<Case> {
  return withSchedule(windows(), schedules).map((plan) =>
    caseSchema.parse({ schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan }),
  );
}

describe.each(strategies)('%s', (_, schedules) => {
  it('makes cases, of whose runs constraints speak, two at a time, and says them in words', () => {
    let constraints = 0;
    fc.assert(
      fc.property(casesWith(schedules), (playing) => {
        const runs = runsOf(playing);
        for (const { hold, until } of playing.schedule) {
          constraints += 1;
          expect(runs).toContain(`${hold.user}/${hold.run}`);
          expect(runs).toContain(`${until.user}/${until.run}`);
          expect(`${hold.user}/${hold.run}`).not.toBe(`${until.user}/${until.run}`);
        }
        for (const line of describeCase(playing)) expect(line).not.toContain('undefined');
      }),
      { seed: 5, numRuns: 200 },
    );
    expect(constraints).toBeGreaterThan(100);
  });

  it('makes the same of the same seed', () => {
    const sample = (): Case[] => fc.sample(casesWith(schedules), { seed: 6, numRuns: 20 });
    expect(sample()).toEqual(sample());
  });

  it('shrinks to the one constraint that is needed', () => {
    const isNeeded = ({ hold }: ScheduleConstraint): boolean => hold.run === 'run-2';
    const { counterexample } = fc.check(
      fc.property(casesWith(schedules), ({ schedule }) => !schedule.some(isNeeded)),
      { seed: 7, numRuns: 1_000 },
    );
    expect(counterexample?.[0].schedule.filter(isNeeded)).toHaveLength(1);
    expect(counterexample?.[0].schedule).toHaveLength(1);
  });

  it('leaves the rest as it is where a run is not there', () => {
    fc.assert(
      fc.property(schedules, (draft) => {
        const drops = (constraints: readonly ScheduleConstraint[]): string[] =>
          constraints.filter(({ hold, until }) => hold.run !== 'run-3' && until.run !== 'run-3').map(textOf);
        const without = draft(present.slice(0, 2)).map(textOf);
        for (const constraint of drops(draft(present))) expect(without).toContain(constraint);
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});

describe('delay-bounded', () => {
  it('holds up at most so often, and only who comes first', () => {
    fc.assert(
      fc.property(delayBounded(everywhere, 2), (draft) => {
        const constraints = draft(present);
        expect(constraints.length).toBeLessThanOrEqual(2);
        for (const { hold, until } of constraints) expect(placeOf(hold)).toBeLessThan(placeOf(until));
      }),
      { seed: 9 },
    );
  });
});

describe('priorities', () => {
  it('let one run after the other through its moments, with as many breaks as there are change points', () => {
    const orders = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(), (depth, seed) => {
        const [draft] = fc.sample(priorities(everywhere, depth), { seed, numRuns: 1 });
        const constraints = draft?.(present) ?? [];
        // Each run waits for the turn before its own, which is another's: a way through all of them without a fork.
        expect(constraints.length).toBeGreaterThanOrEqual(present.length - 1);
        expect(constraints.length).toBeLessThanOrEqual(present.length - 1 + 2 * (depth - 1));
        expect(new Set(constraints.map(({ hold }) => nameOf(hold))).size).toBe(constraints.length);
        if (depth === 1)
          orders.add(constraints.map(({ hold, until }) => `${until.run} ${hold.run}`).join(', '));
      }),
      { seed: 10, numRuns: 200 },
    );
    // All orders of three runs.
    expect(orders.size).toBe(6);
  });

  it('of depth 2 find a certain order of three moments as often as they promise', () => {
    // run-1 comes to its third moment only after run-2 was through; the rest of it before.
    const wanted = (constraints: readonly ScheduleConstraint[]): boolean =>
      constraints.some(
        ({ hold, until }) =>
          hold.run === 'run-1' &&
          until.run === 'run-2' &&
          hold.kind === 'set.slot' &&
          hold.direction === 'reply',
      ) && constraints.some(({ hold, until }) => hold.run === 'run-2' && until.run === 'run-1');
    const pair = { chains: present.slice(0, 2), moments: admission };
    const drafts = fc.sample(priorities(pair, 2), { seed: 11, numRuns: 4_000 });
    const found = drafts.filter((draft) => wanted(draft(present.slice(0, 2)))).length;
    const bound = 1 / (2 * (2 * admission.length));
    expect(found / drafts.length).toBeGreaterThan(0.8 * bound);
  });
});

describe('every message that constraints name', () => {
  const pool = createSimulatedPool({ threads: 1 });
  afterAll(() => pool.close());

  it('can exist', async () => {
    const [plan] = fc.sample(windows(), { seed: 12, numRuns: 1 });
    if (plan === undefined) throw new Error('there is no case');
    const playing: Case = { schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan };
    const model = playing.model.map((script) => ({ ...script, sufficiency: 'sufficient' as const }));
    const history = await pool.play({ ...playing, limits: {}, model });
    const names = new Set(eventsOf(history, 'passed').map(({ message }) => message));
    for (const { times, ...moment } of [...admission, ...work]) {
      const arrow = moment.direction === 'request' ? '>' : '<';
      for (let count = 1; count <= times; count++)
        expect(names).toContain(`${moment.wire}${arrow}alice/run-1/${moment.kind}#${count}`);
    }
  });
});

function runsOf({ users }: Case): string[] {
  return users.flatMap(({ id, actions }) =>
    actions.flatMap((action) => (action.do === 'ask' ? [`${id}/${action.run}`] : [])),
  );
}

function placeOf({ run }: Pattern): number {
  return present.findIndex((chain) => chain.run === run);
}

function nameOf({ user, run, wire, direction, kind, count }: Pattern): string {
  return [wire, direction, user, run, kind, count].join(' ');
}

function textOf({ hold, until }: ScheduleConstraint): string {
  return `${nameOf(hold)} until ${nameOf(until)}`;
}
