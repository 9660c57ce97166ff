import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCopy } from './plain-copy.ts';

it('copies JSON data as it is, sharing nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { json, plain } = plainCopy(value);
      expect(plain).toBe(true);
      expect(JSON.stringify(json)).toBe(JSON.stringify(value));
    }),
  );
  const inner = { a: [1] };
  const copy = plainCopy({ x: inner, y: inner });
  expect(copy).toEqual({ json: { x: { a: [1] }, y: { a: [1] } }, plain: true });
  expect((copy.json as { x: unknown }).x).not.toBe(inner);
});

describe('tells what is not plain, without running any of it', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const withSymbol = { a: 1, [Symbol('s')]: 2 };
  const arrayAndMore = Object.assign([1], { more: true });
  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['an instance', new (class Thing {})()],
    ['a cycle', cycle],
    ['a hole', Object.assign([], { length: 2 })],
    ['a key with undefined', { a: undefined }],
    ['a symbol key', withSymbol],
    ['an array with more', arrayAndMore],
    [
      'an accessor',
      {
        get a() {
          throw new Error('ran');
        },
      },
    ],
    ['a hidden property', Object.defineProperty({}, 'a', { value: 1 })],
    [
      'a proxy',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('ran');
          },
        },
      ),
    ],
  ])('%s', (_, value) => {
    expect(plainCopy(value).plain).toBe(false);
    expect(plainCopy({ beside: 1, value }).json).toMatchObject({ beside: 1 });
  });

  it('and what is very deep', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(plainCopy(deep).plain).toBe(false);
  });
});

it('keeps a key named __proto__ as data', () => {
  const { json } = plainCopy(JSON.parse('{"__proto__":{"a":1}}'));
  expect(JSON.stringify(json)).toBe('{"__proto__":{"a":1}}');
  expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
});
