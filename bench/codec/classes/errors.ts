import type { ValueClass } from '../value-class.ts';
import { typed } from './kinds.ts';

/** Errors: name, message, cause, the errors gathered, fields of their own. Stacks are no data. */
export const errors: readonly ValueClass[] = [
  error('error', () => new RangeError('too far'), { name: 'RangeError', message: 'too far' }),
  error('error with a cause', () => new Error('outer', { cause: new TypeError('inner') }), {
    name: 'Error',
    message: 'outer',
    cause: { name: 'TypeError', message: 'inner' },
  }),
  error('error whose cause is data', () => new Error('outer', { cause: { code: 7 } }), {
    name: 'Error',
    message: 'outer',
    cause: { code: 7 },
  }),
  error('error of several errors', () => new AggregateError([new Error('one'), new Error('two')], 'both'), {
    name: 'AggregateError',
    message: 'both',
    errors: [
      { name: 'Error', message: 'one' },
      { name: 'Error', message: 'two' },
    ],
  }),
  error('error of a class of its own, with fields', () => new StoreError('gone', 'EPIPE', 7), {
    name: 'StoreError',
    message: 'gone',
    code: 'EPIPE',
    attempt: 7,
  }),
  error(
    'system error',
    () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111 }),
    {
      name: 'Error',
      message: 'connect ECONNREFUSED',
      code: 'ECONNREFUSED',
      errno: -111,
    },
  ),
  error('DOMException', () => new DOMException('stopped', 'AbortError'), {
    name: 'AbortError',
    message: 'stopped',
  }),
];

type Told = { readonly [key: string]: unknown };

class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: string;
  readonly attempt: number;
  constructor(message: string, code: string, attempt: number) {
    super(message);
    this.code = code;
    this.attempt = attempt;
  }
}

function error(name: string, make: () => Error, says: Told): ValueClass {
  return {
    ...typed(name, make, []),
    isFaithful: (copy) => Object.getPrototypeOf(copy) === Object.getPrototypeOf(make()) && holds(copy, says),
    isReadable: (copy) => holds(copy, says),
    // A form for errors may leave out what not every error has, but then by name.
    altered: (copy) => [
      [],
      ...Object.keys(says).flatMap((key) => (isOnAll(key) || has(copy, key) ? [] : [[key]])),
    ],
  };
}

function isOnAll(key: string): boolean {
  return key === 'name' || key === 'message';
}

function has(copy: unknown, key: string): boolean {
  return typeof copy === 'object' && copy !== null && key in copy;
}

/** True where an error, or an object about one, says all that is asked; it may say more, such as a stack. */
function holds(copy: unknown, says: unknown): boolean {
  if (typeof says !== 'object' || says === null) return Object.is(copy, says);
  if (typeof copy !== 'object' || copy === null) return false;
  if (Array.isArray(says) && (!Array.isArray(copy) || copy.length !== says.length)) return false;
  return Object.entries(says).every(([key, value]) => holds(Reflect.get(copy, key), value));
}
