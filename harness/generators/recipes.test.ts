import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { Json } from '../history.ts';
import { type Recipe, recipeNamed, recipes } from './recipes.ts';

const nowhere = { root: {}, parent: {}, ran: () => {} };

/** A result with the recipe's object at `metrics.series`, as the harness puts it there. */
function resultWith(recipe: Recipe): { insights: string; metrics: { total: number; series?: unknown } } {
  const metrics: { total: number; series?: unknown } = { total: 12 };
  const root = { insights: 'two models cost the most', metrics };
  metrics.series = recipe.make({ root, parent: metrics, ran: () => {} });
  return root;
}

const named = recipes.map((recipe): [string, Recipe] => [recipe.name, recipe]);
const isWhollyData = ({ foreign }: Recipe): boolean => foreign?.length === 0;

describe('every recipe', () => {
  it.each(named.filter(([, recipe]) => isWhollyData(recipe)))(
    '%s: is data, as plain JSON has it',
    (_, recipe) => {
      const back = JSON.parse(JSON.stringify(resultWith(recipe)));
      expect(back.metrics.series).toStrictEqual(recipe.data);
    },
  );

  it.each(named)('%s: what it calls foreign leads somewhere, and its data is in it', (_, recipe) => {
    const { data, foreign, disguised } = recipe;
    if (recipe.name === 'revoked-proxy') return;
    const made = recipe.make(nowhere);
    for (const path of [...(foreign ?? [[]]), ...(disguised ?? [])]) expect(standsAt(made, path)).toBe(true);
    if (data !== undefined) expectWithin(made, data, foreign ?? [], []);
  });

  it.each(named)('%s: two makings have the same shape', (_, recipe) => {
    if (recipe.insideOnly) return;
    expect(outline(recipe.make(nowhere))).toEqual(outline(recipe.make(nowhere)));
  });

  it('has a name of its own, tells its shape, and has data that JSON can hold', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length);
    expect(recipes.filter(({ shape }) => shape.length < 20)).toEqual([]);
    for (const { data } of recipes)
      if (data !== undefined) expect(JSON.parse(JSON.stringify(data))).toStrictEqual(data);
  });
});

describe('cloning', () => {
  const throws = (clone: (value: unknown) => unknown): string[] =>
    recipes
      .filter((recipe) => {
        try {
          clone(recipe.make(nowhere));
          return false;
        } catch {
          return true;
        }
      })
      .map(({ name }) => name);

  it('fails on code, namespaces, weak references, proxies, getters that throw and what is nested too deep', () => {
    expect(throws(structuredClone)).toMatchInlineSnapshot(`
      [
        "function",
        "callback",
        "built-in-function",
        "bound-function",
        "async-function",
        "class",
        "spy",
        "symbol",
        "symbol-value",
        "map-of-live-keys",
        "promise",
        "generator",
        "async-generator",
        "deep-nesting",
        "throwing-getter",
        "lying-to-json",
        "throwing-to-json",
        "weak-reference",
        "weak-map",
        "weak-set",
        "module-namespace",
        "own-module-namespace",
        "current-module",
        "class-instance",
        "registry",
        "dispatcher",
        "database-session",
        "socket",
        "timer",
        "execution-context",
        "user-context",
        "engine-class",
        "proxy",
        "trapped-proxy",
        "revoked-proxy",
        "mock",
      ]
    `);
  });

  it('fails on the same by v8.serialize', () => {
    expect(throws(serialize)).toEqual(throws(structuredClone));
  });
});

describe('single recipes', () => {
  it('JSON drops a function and undefined, and turns a Map into {} and NaN into null', () => {
    const through = (name: string): unknown =>
      JSON.parse(JSON.stringify(resultWith(recipeNamed(name)))).metrics;
    expect(through('function')).toEqual({ total: 12 });
    expect(through('undefined')).toEqual({ total: 12 });
    expect(through('map')).toEqual({ total: 12, series: {} });
    expect(through('nan')).toEqual({ total: 12, series: null });
  });

  it('cycle leads back to the object that holds it, or to itself', () => {
    const result = resultWith(recipeNamed('cycle'));
    expect((result.metrics.series as { back: unknown }).back).toBe(result.metrics);
    const whole = recipeNamed('cycle').make({ ...nowhere, parent: undefined }) as { back: unknown };
    expect(whole.back).toBe(whole);
  });

  it('execution-context is frozen and its live session leads back to it', () => {
    const context = recipeNamed('execution-context').make(nowhere) as {
      session: { context: unknown; query: unknown };
    };
    expect(Object.isFrozen(context)).toBe(true);
    expect(context.session.context).toBe(context);
    expect(context.session.query).toBeTypeOf('function');
  });

  it('an object that is data is a fresh one each time', () => {
    const target = recipeNamed('clean-target');
    expect(target.make(nowhere)).not.toBe(target.make(nowhere));
    expect(target.make(nowhere)).not.toBe(target.data);
  });

  it('an unknown name is told with the known ones', () => {
    expect(() => recipeNamed('teapot')).toThrow(/teapot.*function.*execution-context/);
  });
});

/** Whether the object has something at the path; a token of a symbol key stands for any of that description. */
function standsAt(value: unknown, path: readonly (string | number)[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const key = Reflect.ownKeys(value).find((own) => String(own) === String(step));
  if (key === undefined) return step in Array(Array.isArray(value) ? value.length : 0).fill(0);
  const property = Object.getOwnPropertyDescriptor(value, key);
  return rest.length === 0 || standsAt(property?.value, rest);
}

/** Every part of `data` is in `made` as it is, but at what is foreign. */
function expectWithin(
  made: unknown,
  data: Json,
  foreign: NonNullable<Recipe['foreign']>,
  path: readonly (string | number)[],
): void {
  if (data === null && foreign.some((each) => String(each) === String(path))) return;
  if (typeof data !== 'object' || data === null) {
    const bare = typeof made === 'object' && made !== null ? made.valueOf() : made;
    expect([path, typeof bare === 'number' ? bare + 0 : bare]).toEqual([path, data]);
    return;
  }
  for (const [key, part] of Object.entries(data)) {
    const step = Array.isArray(data) ? Number(key) : key;
    const property = Object.getOwnPropertyDescriptor(made, key);
    expectWithin(property?.value, part, foreign, [...path, step]);
  }
}

/** Kinds and names of what an object holds, so that two live objects can be compared. */
function outline(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint' || typeof value === 'function') return typeof value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth > 4) return 'deeper';
  return [
    Object.getPrototypeOf(value)?.constructor?.name,
    ...Reflect.ownKeys(value).map((key) => {
      const property = Object.getOwnPropertyDescriptor(value, key);
      return [String(key), property && 'value' in property ? outline(property.value, depth + 1) : 'accessor'];
    }),
  ];
}
