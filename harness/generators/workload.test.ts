import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseSchema, caseSchemaId } from '../case.ts';
import type { CasePlan } from '../scenario.ts';
import { contaminationsAt, type Place } from './contaminations.ts';
import { agentThrows, clientCut, modelFails, redisFails, toolThrows } from './faults.ts';
import { recipeNamed, recipes } from './recipes.ts';
import { casePlans } from './workload.ts';

const places: readonly Place[] = [
  { wire: 'agent', kind: 'data', path: ['insights'] },
  { wire: 'agent', kind: 'triage', path: ['entities', 'models', 0] },
  { wire: 'agent', kind: 'data', path: ['severity'], holds: 'text' },
  { wire: 'tool', kind: 'fetch_usage_metrics', path: ['records'] },
];
const disturbed = casePlans({
  contaminations: contaminationsAt(places),
  faults: fc.array(
    fc.oneof(
      agentThrows('data', 'triage'),
      toolThrows('fetch_usage_metrics'),
      modelFails('data'),
      redisFails('xadd.events', 'get.cache.data'),
      clientCut('agent_completed'),
    ),
    { maxLength: 2 },
  ),
});

describe('generated cases', () => {
  it('fit the schema, and the same seed gives the same cases', () => {
    const plans = fc.sample(disturbed, { seed: 585, numRuns: 300 });
    for (const plan of plans)
      caseSchema.parse({ schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan });
    expect(fc.sample(disturbed, { seed: 585, numRuns: 300 })).toEqual(plans);
  });

  it('have a bystander whom nothing touches', () => {
    for (const plan of fc.sample(disturbed, { seed: 1, numRuns: 300 })) {
      const touched = new Set([...plan.faults, ...plan.contaminations].map(({ at }) => at.user));
      expect(touched).toEqual(new Set(['alice']));
      expect(plan.users.some((user) => !touched.has(user.id) && asks(user).length > 0)).toBe(true);
    }
  });

  it('ask clean things after the dirty one: the same again, in another thread, and after a return', () => {
    for (const plan of fc.sample(disturbed, { seed: 2, numRuns: 300 })) {
      const alice = plan.users.find(({ id }) => id === 'alice');
      const [dirty, ...clean] = asks(alice);
      expect(plan.contaminations.every(({ at }) => at.run === dirty?.run)).toBe(true);
      expect(clean.some((ask) => ask.thread === dirty?.thread && ask.request === dirty.request)).toBe(true);
      expect(clean.some((ask) => ask.thread !== dirty?.thread)).toBe(true);
      const actions = alice?.actions.map((action) => action.do) ?? [];
      expect(actions.slice(actions.indexOf('leave'))).toEqual(['leave', 'connect', 'ask']);
    }
  });

  it('have a model script for every run, and run ids that are unique for each user', () => {
    for (const plan of fc.sample(disturbed, { seed: 3, numRuns: 300 })) {
      const runs = plan.users.flatMap((user) => asks(user).map(({ run }) => `${user.id}/${run}`));
      expect(new Set(runs).size).toBe(runs.length);
      expect(plan.model.map(({ user, run }) => `${user}/${run}`).sort()).toEqual(runs.sort());
    }
  });

  it('come with every sufficiency, mostly sufficient, and with every recipe', () => {
    const plans = fc.sample(disturbed, { seed: 4, numRuns: 1_500 });
    const found = plans.flatMap(({ model }) => model.map(({ sufficiency }) => sufficiency));
    expect(new Set(found).size).toBe(4);
    expect(found.filter((name) => name === 'sufficient').length).toBeGreaterThan(found.length / 2);
    const met = new Set(plans.flatMap((plan) => plan.contaminations.map(({ recipe }) => recipe)));
    expect(recipes.map(({ name }) => name).filter((name) => !met.has(name))).toEqual([]);
  });

  it('put a recipe that is data only where data of its kind may stand', () => {
    const put = fc
      .sample(disturbed, { seed: 4, numRuns: 500 })
      .flatMap((plan) => plan.contaminations)
      .filter(({ recipe }) => recipeNamed(recipe).foreign?.length === 0);
    expect(new Set(put.map(({ at }) => at.wire))).toEqual(new Set(['tool', 'agent']));
    for (const { at, path, recipe } of put)
      if (at.wire === 'agent')
        expect([path, typeof recipeNamed(recipe).data]).toEqual([['severity'], 'string']);
  });

  it('never put in place of a whole result what cannot be one', () => {
    const whole: readonly Place[] = [{ wire: 'tool', kind: 'fetch_usage_metrics', path: [] }];
    const drafts = fc.sample(contaminationsAt(whole), { seed: 8, numRuns: 1_000 }).flat();
    expect(drafts.filter(({ recipe }) => recipeNamed(recipe).insideOnly)).toEqual([]);
  });

  it('put none but the recipes that are asked for', () => {
    const drafts = fc.sample(contaminationsAt(places, { of: ['map', 'clean-target', 'undefined'] }), {
      seed: 9,
      numRuns: 300,
    });
    expect(new Set(drafts.flat().map(({ recipe }) => recipe))).toEqual(
      new Set(['map', 'clean-target', 'undefined']),
    );
    expect(() => contaminationsAt(places, { of: ['teapot'] })).toThrow(/teapot/);
  });

  it('shrink to one user, one request, one contamination', () => {
    const found = fc.check(
      fc.property(disturbed, (plan) => plan.contaminations.length === 0),
      { seed: 5 },
    );
    expect(found.counterexample?.[0]).toEqual({
      users: [
        {
          id: 'alice',
          arrivesAtMs: 0,
          confirms: 'all',
          actions: [
            { do: 'connect' },
            { do: 'ask', run: 'run-1', thread: 'thread-1', request: 'Why did my costs rise?' },
          ],
        },
      ],
      model: [{ user: 'alice', run: 'run-1', sufficiency: 'sufficient', chunks: 1 }],
      faults: [],
      contaminations: [
        {
          at: { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
          path: ['insights'],
          recipe: 'function',
        },
      ],
      schedule: [],
    });
  });

  it('keep the ids of runs while others are dropped', () => {
    const found = fc.check(
      fc.property(
        disturbed,
        (plan) => !plan.users.some((user) => asks(user).some(({ run }) => run === 'run-4')),
      ),
      { seed: 6 },
    );
    expect(asks(found.counterexample?.[0].users[0]).map(({ run }) => run)).toEqual(['run-1', 'run-4']);
  });

  it('without a disturbance have none', () => {
    for (const plan of fc.sample(casePlans(), { seed: 7, numRuns: 50 }))
      expect([plan.faults, plan.contaminations]).toEqual([[], []]);
  });
});

function asks(user: CasePlan['users'][number] | undefined) {
  return user?.actions.filter((action) => action.do === 'ask') ?? [];
}
