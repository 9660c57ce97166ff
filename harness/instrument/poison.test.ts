import { describe, expect, it } from 'vitest';
import type { Json, Poisoned } from '../history.ts';
import { poison as put } from './poison.ts';

type Order = Parameters<typeof put>[1][number];

/** With what was put in as `[index, path, recipe]`, and the code that ran. */
function poison(copy: Json, orders: Order[]) {
  const ran: [Poisoned['recipe'], string][] = [];
  const { result, poisoned } = put(copy, orders, ({ recipe }, code) => ran.push([recipe, code]));
  return {
    result,
    ran,
    poisoned: poisoned.map(({ index, poisoned: { path, recipe } }) => ({ index, path, recipe })),
  };
}

const order = (path: (string | number)[], recipe = 'function', index = 0) => ({ index, path, recipe });

describe('poison', () => {
  it('is put at its path, and leaves the rest', () => {
    const { result, poisoned } = poison({ a: { b: [1, 2] }, c: 3 }, [order(['a', 'b', 1])]);
    expect(poisoned).toEqual([{ index: 0, path: ['a', 'b', 1], recipe: 'function' }]);
    expect(result).toEqual({ a: { b: [1, expect.any(Function)] }, c: 3 });
  });

  it('may replace the whole result', () => {
    const { result, poisoned } = poison({ a: 1 }, [order([])]);
    expect(result).toBeTypeOf('function');
    expect(poisoned).toHaveLength(1);
  });

  it('knows what it is put into', () => {
    const { result } = poison({ a: { b: 1 } }, [order(['a', 'b'], 'cycle')]);
    const { a } = result as { a: { b: { back: unknown } } };
    expect(a.b.back).toBe(a);
  });

  it.each([
    [['x']],
    [['a', 'x']],
    [['c', 'length']],
    [['list', 2]],
    [['list', 'length']],
    [['list', '0']],
    [['toString']],
  ])('is not put at %j, which the result does not have', (path) => {
    expect(poison({ a: { b: 1 }, c: 'text', list: [1, 2] }, [order(path)]).poisoned).toEqual([]);
  });

  it('is not put below other poison, in whatever order the case names them', () => {
    const { poisoned } = poison({ a: { id: 1 } }, [
      order(['a', 'id'], 'function', 0),
      order(['a'], 'class-instance', 1),
      order(['a'], 'function', 2),
    ]);
    expect(poisoned.map(({ index }) => index)).toEqual([1]);
  });

  it('is put once at a place, also where it is no object', () => {
    const { poisoned } = poison({ a: 1, b: 0 }, [
      order(['a'], 'negative-zero', 0),
      order(['a'], 'nan', 1),
      order(['b'], 'bigint', 2),
    ]);
    expect(poisoned.map(({ index }) => index)).toEqual([0, 2]);
  });

  it('is no whole result where a promise, a proxy or nothing would be one', () => {
    for (const recipe of ['promise', 'revoked-proxy', 'mock', 'undefined']) {
      expect(poison({ a: 1 }, [order([], recipe)]).poisoned).toEqual([]);
      expect(poison({ a: 1 }, [order(['a'], recipe)]).poisoned).toHaveLength(1);
    }
  });

  it('says what of it is data', () => {
    const { poisoned } = put({ a: 1 }, [order(['a'], 'throwing-getter')], () => {});
    expect(poisoned).toEqual([
      {
        index: 0,
        poisoned: { path: ['a'], recipe: 'throwing-getter', data: { id: 'record-1' }, foreign: [['total']] },
      },
    ]);
  });

  it('tells of its code that ran, once, and only then', () => {
    const { result, ran } = poison({ a: 1, b: 2 }, [
      order(['a'], 'accessor-with-side-effects', 0),
      order(['b'], 'lying-to-json', 1),
    ]);
    expect(ran).toEqual([]);
    JSON.stringify(result);
    JSON.stringify(result);
    expect(ran).toEqual([
      ['accessor-with-side-effects', 'getter'],
      ['lying-to-json', 'toJSON'],
    ]);
  });
});
