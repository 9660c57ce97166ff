import type { ValueClass } from '../value-class.ts';
import { live, spoilt, typed } from './kinds.ts';

/** Numbers that JSON has no word for, and the many kinds of nothing. */
export const numbersAndNothing: readonly ValueClass[] = [
  typed('negative zero', () => -0, ['-0']),
  typed('not a number', () => Number.NaN, ['NaN']),
  typed('infinity', () => Number.POSITIVE_INFINITY, ['Infinity']),
  typed('minus infinity', () => Number.NEGATIVE_INFINITY, ['-Infinity']),
  typed('bigint', () => 9_007_199_254_740_993n, ['9007199254740993', '9007199254740993n']),
  typed('bigint of 400 digits', () => 10n ** 400n, [String(10n ** 400n), `${10n ** 400n}n`]),
  {
    ...typed('undefined', () => undefined, []),
    isReadable: () => false,
  },
  spoilt(
    'list with holes',
    () => Object.assign(new Array(4), { 0: 1, 3: 'd' }),
    { at: [[1], [2]], rest: [1, null, null, 'd'] },
    {
      kind: 'typed',
      isFaithful: (copy) => Array.isArray(copy) && copy.length === 4 && !(1 in copy) && !(2 in copy),
    },
  ),
  live('symbol', () => Symbol('own')),
  typed('registered symbol', () => Symbol.for('bench.registered'), [
    'bench.registered',
    'Symbol(bench.registered)',
  ]),
  typed('boxed number', () => Object(5), [5]),
  typed('boxed text', () => Object('five'), ['five']),
  typed('boxed boolean', () => Object(false), [false]),
  typed('boxed bigint', () => Object(5n), ['5', '5n', 5n]),
  live('boxed symbol', () => Object(Symbol('own'))),
];
