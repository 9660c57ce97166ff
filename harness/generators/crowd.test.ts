import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canariesIn } from '../canary.ts';
import { caseSchema, caseSchemaId } from '../case.ts';
import { withCanaries } from './canaries.ts';
import { contaminationsAt } from './contaminations.ts';
import { crowds, floodLimits } from './crowd.ts';
import { failuresThenCleanRuns } from './failing-runs.ts';
import { agentThrows, clientCut } from './faults.ts';
import { holds } from './holds.ts';

const plansOf = (others: number) =>
  withCanaries(
    crowds({
      others,
      faults: fc.oneof(agentThrows('data', 'triage'), clientCut('agent_completed')),
      contaminations: contaminationsAt([{ wire: 'agent', kind: 'data', path: ['insights'] }], { atMost: 1 }),
      holds: holds(3),
    }),
  );
const crowd = plansOf(199);

describe('crowds', () => {
  it('are cases of two to two hundred users, and the same seed gives the same', () => {
    const plans = fc.sample(crowd, { seed: 1, numRuns: 60 });
    for (const plan of plans)
      caseSchema.parse({ schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan });
    expect(fc.sample(crowd, { seed: 1, numRuns: 60 })).toEqual(plans);
    const sizes = plans.map(({ users }) => users.length);
    expect(Math.max(...sizes)).toBeGreaterThan(150);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200);
  });

  it('have a first user to whom nothing is done, a script for every run, and names of their own', () => {
    for (const { users, model, faults, contaminations } of fc.sample(crowd, { seed: 2, numRuns: 30 })) {
      expect(users[0]?.id).toBe('alice');
      expect([...faults, ...contaminations].filter(({ at }) => at.user === 'alice')).toEqual([]);
      expect(new Set(users.map(({ id }) => id)).size).toBe(users.length);
      const asked = users.flatMap(({ id, actions }) =>
        actions.flatMap((action) => (action.do === 'ask' ? [`${id}/${action.run}`] : [])),
      );
      const scripts = new Set(model.map(({ user, run }) => `${user}/${run}`));
      expect(asked.filter((run) => !scripts.has(run))).toEqual([]);
    }
  });

  it('hold all kinds of users: calm, unlucky, poisoned, flooding, and leaving', () => {
    const [plan] = fc.sample(crowd, { seed: 3, numRuns: 20 }).filter(({ users }) => users.length > 60);
    const says = plan?.users.map(({ actions }) => actions.filter((each) => each.do === 'send').length) ?? [];
    expect(plan?.faults.length).toBeGreaterThan(5);
    expect(plan?.contaminations.length).toBeGreaterThan(2);
    expect(says.filter((count) => count > floodLimits.messageBurst).length).toBeGreaterThan(2);
    expect(plan?.users.filter(({ actions }) => actions.at(-1)?.do === 'leave').length).toBeGreaterThan(2);
    expect(
      plan?.users.filter(({ actions }) => actions.every((each) => /connect|ask/.test(each.do))).length,
    ).toBeGreaterThan(20);
  });

  it('make users wait for one another', () => {
    const plans = fc.sample(plansOf(3), { seed: 4, numRuns: 50 });
    const schedule = plans.flatMap((plan) => plan.schedule);
    expect(schedule.some(({ hold }) => hold.user === 'alice')).toBe(true);
    expect(schedule.some(({ until }) => until.user === 'alice')).toBe(true);
    expect(schedule.every(({ hold, until }) => hold.user !== until.user)).toBe(true);
  });

  it('carry a canary for each user, in requests and threads', () => {
    for (const { users } of fc.sample(crowd, { seed: 5, numRuns: 10 })) {
      const canaries = users.map(
        ({ actions }) =>
          new Set(
            actions.flatMap((each) =>
              each.do === 'ask' ? [...canariesIn(each.thread), ...canariesIn(each.request)] : [],
            ),
          ),
      );
      const used = canaries.filter(({ size }) => size > 0);
      expect(used.every(({ size }) => size === 1)).toBe(true);
      expect(new Set(used.flatMap((each) => [...each])).size).toBe(used.length);
    }
  });

  it('shrink to alice alone, and keep names while others are dropped', () => {
    const never = fc.check(
      fc.property(crowd, ({ users }) => users.length === 0),
      { seed: 6 },
    );
    expect(never.counterexample?.[0].users.map(({ id }) => id)).toEqual(['alice']);
    const [plan] = fc.sample(crowd, { seed: 7, numRuns: 5 }).filter(({ users }) => users.length > 20);
    expect(plan).toBeDefined();
    const found = fc.check(
      fc.property(crowd, ({ faults }) => faults.length < 2),
      { seed: 8 },
    );
    const shrunk = found.counterexample?.[0];
    expect(shrunk?.faults).toHaveLength(2);
    expect(shrunk?.users).toHaveLength(3);
  });
});

describe('failures and the clean runs after them', () => {
  const throws = agentThrows('triage', 'data');

  it('are cases; alone there is one user, in company others to whom nothing is done', () => {
    for (const company of ['alone', 'beside others'] as const)
      for (const plan of fc.sample(failuresThenCleanRuns(throws, company), { seed: 1, numRuns: 100 })) {
        caseSchema.parse({ schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan });
        expect(plan.users.length > 1).toBe(company === 'beside others');
        expect(new Set(plan.faults.map(({ at }) => at.user)).size).toBeLessThanOrEqual(1);
        expect(new Set(plan.faults.map(({ at }) => at.kind)).size).toBeLessThanOrEqual(1);
        const clean = plan.users.flatMap(({ actions }) =>
          actions.filter((each) => each.do === 'ask' && /run-1[1-3]/.test(each.run)),
        );
        expect(clean).toHaveLength(3);
      }
  });

  it('shrink to one failure and one clean run', () => {
    const found = fc.check(
      fc.property(
        failuresThenCleanRuns(throws, 'alone'),
        ({ faults, model }) => faults.length === 0 || model.length <= faults.length,
      ),
      { seed: 2 },
    );
    expect(found.counterexample?.[0].model.map(({ run }) => run)).toEqual(['run-1', expect.any(String)]);
  });
});
