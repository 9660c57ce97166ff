import { isDeepStrictEqual, types } from 'node:util';
import type { ValueClass } from '../value-class.ts';
import { live, spoilt, typed } from './kinds.ts';

/** Built-in objects that hold data: dates, patterns, collections, addresses. */
export const builtIns: readonly ValueClass[] = [
  typed('date', () => new Date(86_400_000), ['1970-01-02T00:00:00.000Z', 86_400_000]),
  typed(
    'invalid date',
    () => new Date(Number.NaN),
    ['Invalid Date'],
    (copy) => timeOf(copy) === 'none',
  ),
  typed(
    'date that lost its prototype',
    () => Object.setPrototypeOf(new Date(0), null),
    ['1970-01-01T00:00:00.000Z', 0],
    (copy) => timeOf(copy) === 0,
  ),
  typed('regular expression with flags', () => /a+\/b/gi, [
    '/a+\\/b/gi',
    { source: 'a+\\/b', flags: 'gi' },
    { source: 'a+\\/b', flags: 'gi', lastIndex: 0 },
  ]),
  typed(
    'regular expression in use',
    () => Object.assign(/a/g, { lastIndex: 3 }),
    [{ source: 'a', flags: 'g', lastIndex: 3 }],
    (copy) => copy instanceof RegExp && String(copy) === '/a/g' && copy.lastIndex === 3,
  ),
  typed(
    'map',
    () =>
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    [
      [
        ['a', 1],
        ['b', 2],
      ],
      { a: 1, b: 2 },
    ],
  ),
  typed(
    'map with objects as keys',
    () =>
      new Map<unknown, unknown>([
        [{ k: 1 }, 'v'],
        [2, 'w'],
      ]),
    [
      [
        [{ k: 1 }, 'v'],
        [2, 'w'],
      ],
    ],
  ),
  spoilt(
    'map with a function in it',
    () =>
      new Map<unknown, unknown>([
        ['a', 1],
        ['run', () => 1],
      ]),
    { at: [[]] },
  ),
  withNote(
    'date with a property of its own',
    () => new Date(0),
    (copy) => timeOf(copy) === 0,
  ),
  withNote(
    'typed array with a property of its own',
    () => Uint8Array.of(1),
    (copy) => copy instanceof Uint8Array && copy[0] === 1,
  ),
  withNote(
    'boxed number with a property of its own',
    () => Object(5),
    (copy) => types.isNumberObject(copy),
  ),
  withNote(
    'map with a property of its own',
    () => new Map([['a', 1]]),
    (copy) => copy instanceof Map && copy.get('a') === 1,
  ),
  typed(
    'map that looks plain',
    () => Object.setPrototypeOf(new Map([['a', 1]]), Object.prototype),
    [[['a', 1]], { a: 1 }],
    (copy) => types.isMap(copy) && Map.prototype.get.call(copy, 'a') === 1,
  ),
  typed('set', () => new Set([1, 'b', null]), [[1, 'b', null]]),
  spoilt(
    'list with a property of its own',
    () => Object.assign([1, 2], { note: 'x' }),
    { at: [['note']], rest: [1, 2] },
    {
      kind: 'typed',
      isFaithful: (copy) =>
        Array.isArray(copy) && copy.length === 2 && copy[1] === 2 && Reflect.get(copy, 'note') === 'x',
    },
  ),
  typed('list of a class of its own', () => Rows.from([1, 2]), [[1, 2]]),
  spoilt(
    'arguments object',
    () =>
      (function take(..._: number[]) {
        // biome-ignore lint/complexity/noArguments: this is the class of value
        return arguments;
      })(1, 2),
    { at: [['length'], ['callee'], ['Symbol(Symbol.iterator)']], rest: { 0: 1, 1: 2 } },
    { isReadable: (copy) => isDeepStrictEqual(copy, { 0: 1, 1: 2 }) || isDeepStrictEqual(copy, [1, 2]) },
  ),
  typed('URL', () => new URL('https://example.org/a?b=c#d'), ['https://example.org/a?b=c#d']),
  typed('URLSearchParams', () => new URLSearchParams('a=1&a=2'), [
    'a=1&a=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ]),
  typed('Headers', () => new Headers({ accept: 'text/html' }), [
    [['accept', 'text/html']],
    { accept: 'text/html' },
  ]),
  live('number format (Intl)', () => new Intl.NumberFormat('en')),
];

/** A built-in object that carries, beside its own content, a property that somebody hung on it. */
function withNote(name: string, make: () => object, isSame: (copy: unknown) => boolean): ValueClass {
  return spoilt(
    name,
    () => Object.assign(make(), { note: 'x' }),
    { at: [[], ['note']] },
    { kind: 'typed', isFaithful: (copy) => isSame(copy) && Reflect.get(copy as object, 'note') === 'x' },
  );
}

/** The time of what is a date inside, whatever its prototype; `none` for an invalid one. */
function timeOf(copy: unknown): number | 'none' | undefined {
  if (!types.isDate(copy)) return undefined;
  const time = Date.prototype.getTime.call(copy);
  return Number.isNaN(time) ? 'none' : time;
}

class Rows extends Array<number> {}
