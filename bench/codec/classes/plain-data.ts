import type { ValueClass } from '../value-class.ts';
import { data } from './kinds.ts';

/** What JSON can say: it must come back exactly. */
export const plainData: readonly ValueClass[] = [
  data('null', () => null),
  data('true and false', () => [true, false]),
  data('integers, to 2^53 - 1', () => [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
  data('fractions and extremes', () => [0.1, -1.5e-7, Number.MAX_VALUE, Number.MIN_VALUE, 1e21]),
  data('text of every kind of character', () => 'a"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028\u2029é漢🙂'),
  data('lone surrogates', () => ['\ud800', 'a\udc00b', { '\udbff': 1 }]),
  data('long text (1 MB)', () => 'lorem ipsum '.repeat(87_000)),
  data('nested objects and lists', () => ({ a: [{ b: { c: [[1], []] } }, null], d: 'e' })),
  data('empty object, list, text and key', () => ({ object: {}, list: [], text: '', '': 1 })),
  data('keys that look like numbers', () => ({ b: 1, 10: 2, 2: 3, '-1': 4, '01': 5 })),
  data('own key `__proto__`', () => JSON.parse('{"__proto__":{"polluted":true},"a":1}')),
  data('own keys of the prototype', () =>
    JSON.parse('{"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2,"then":3}'),
  ),
  data('own key `toJSON` that is text', () => ({ toJSON: 'no function', a: 1 })),
  data('text that looks like a tag', () => [
    '$1',
    '~date:0',
    '@1',
    '$date',
    '_0',
    '1970-01-01T00:00:00.000Z',
  ]),
  data('objects that look like tags', () => ({
    superjson: { json: { a: '1970-01-01T00:00:00.000Z' }, meta: { values: { a: ['Date'] } } },
    extended: { $date: '1970-01-01T00:00:00.000Z', $type: 'Date', $ref: '#', $undefined: true },
    buffer: { type: 'Buffer', data: [1, 2] },
    envelope: { text: '{}', account: [{ path: [], kind: 'lost', reason: 'function' }] },
  })),
  data('lists that look like tags', () => [
    ['Date', '1970-01-01T00:00:00.000Z'],
    ['Map', 1, 2],
    [[1, 2], '0', '1'],
    [-1, -2, -3],
  ]),
  data('frozen object', () => Object.freeze({ a: Object.freeze([1]) })),
  // That it has no prototype, or that two places hold the same object, is no data.
  data('null-prototype object', () => Object.assign(Object.create(null), { a: 1, b: [2] }), { a: 1, b: [2] }),
  {
    ...data('shared reference', makeShared, makeShared()),
    isFaithful: (copy) => {
      const { left, right } = copy as { left: unknown; right: unknown };
      return left === right && JSON.stringify(left) === '{"a":[1]}';
    },
  },
];

function makeShared(): unknown {
  const shared = { a: [1] };
  return { left: shared, right: shared };
}
