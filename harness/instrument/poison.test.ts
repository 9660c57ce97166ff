import { describe, expect, it } from 'vitest';
import { poison } from './poison.ts';

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
});
