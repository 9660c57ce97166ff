import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { recipeNamed, recipes } from './recipes.ts';

/** A result with the recipe's object at `metrics.series`, as the harness puts it there. */
function resultWith(name: string): { insights: string; metrics: { total: number; series?: unknown } } {
  const metrics: { total: number; series?: unknown } = { total: 12 };
  const root = { insights: 'two models cost the most', metrics };
  metrics.series = recipeNamed(name).make({ root, parent: metrics });
  return root;
}

const notCloneable = [
  'function',
  'throwing-getter',
  'class-instance',
  'module-namespace',
  'own-module-namespace',
  'execution-context',
];
const stringifyThrows = [
  'bigint',
  'cycle',
  'throwing-getter',
  'class-instance',
  'module-namespace',
  'execution-context',
];

describe('every recipe', () => {
  it.each(recipes.map(({ name }) => name))(
    '%s: structuredClone throws exactly where it is said to',
    (name) => {
      const clone = (): unknown => structuredClone(resultWith(name));
      if (notCloneable.includes(name)) expect(clone).toThrow();
      else expect(clone).not.toThrow();
    },
  );

  it.each(recipes.map(({ name }) => name))(
    '%s: JSON.stringify throws, or changes the value without a word',
    (name) => {
      const result = resultWith(name);
      const stringify = (): string => JSON.stringify(result);
      if (stringifyThrows.includes(name)) expect(stringify).toThrow();
      else expect(JSON.parse(stringify())).not.toStrictEqual(result);
    },
  );

  it.each(recipes.map(({ name }) => name))('%s: two makings have the same shape', (name) => {
    expect(outline(recipeNamed(name).make({ root: {}, parent: {} }))).toEqual(
      outline(recipeNamed(name).make({ root: {}, parent: {} })),
    );
  });

  it('has a name of its own and tells its shape', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length);
    expect(recipes.filter(({ shape }) => shape.length < 20)).toEqual([]);
  });
});

describe('single recipes', () => {
  it('JSON drops a function and undefined, and turns a Map into {} and NaN into null', () => {
    const through = (name: string): unknown => JSON.parse(JSON.stringify(resultWith(name))).metrics;
    expect(through('function')).toEqual({ total: 12 });
    expect(through('undefined')).toEqual({ total: 12 });
    expect(through('map')).toEqual({ total: 12, series: {} });
    expect(through('nan')).toEqual({ total: 12, series: null });
  });

  it('a module namespace is beyond v8.serialize too', () => {
    expect(() => serialize(recipeNamed('own-module-namespace').make({ root: {}, parent: {} }))).toThrow();
  });

  it('cycle leads back to the object that holds it, or to itself', () => {
    const result = resultWith('cycle');
    expect((result.metrics.series as { back: unknown }).back).toBe(result.metrics);
    const whole = recipeNamed('cycle').make({ root: undefined, parent: undefined }) as { back: unknown };
    expect(whole.back).toBe(whole);
  });

  it('execution-context is frozen and its live session leads back to it', () => {
    const context = recipeNamed('execution-context').make({ root: {}, parent: {} }) as {
      session: { context: unknown; query: unknown };
    };
    expect(Object.isFrozen(context)).toBe(true);
    expect(context.session.context).toBe(context);
    expect(context.session.query).toBeTypeOf('function');
  });

  it('an unknown name is told with the known ones', () => {
    expect(() => recipeNamed('teapot')).toThrow(/teapot.*function.*execution-context/);
  });
});

/** Kinds and names of what an object holds, so that two live objects can be compared. */
function outline(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint' || typeof value === 'function') return typeof value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth > 4) return 'deeper';
  return [
    value.constructor?.name,
    ...Object.entries(Object.getOwnPropertyDescriptors(value)).map(([key, descriptor]) =>
      'value' in descriptor ? [key, outline(descriptor.value, depth + 1)] : [key, 'accessor'],
    ),
  ];
}
