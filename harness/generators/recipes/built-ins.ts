import type { Recipe } from './recipe.ts';

/** Objects of the language itself that hold values in a form of their own. */
export const builtIns: readonly Recipe[] = [
  {
    name: 'date',
    shape: 'the moment 2025-09-12T17:15:00.000Z as an object of the platform',
    make: () => new Date(1_757_697_300_000),
  },
  {
    name: 'invalid-date',
    shape: 'a date object that holds no moment',
    make: () => new Date(Number.NaN),
  },
  {
    name: 'regular-expression',
    shape: 'the compiled pattern ^p9[59]_ms$',
    carries: ['^p9[59]_ms$'],
    make: () => /^p9[59]_ms$/,
  },
  {
    name: 'error-with-cause',
    shape:
      'an error of kind RangeError, message "no such quantile", whose cause is another error with the message "the store was asked for 101"',
    carries: ['RangeError', 'no such quantile', 'the store was asked for 101'],
    make: () => {
      const cause = withFixedStack(new Error('the store was asked for 101'));
      return withFixedStack(new RangeError('no such quantile', { cause }));
    },
  },
  {
    name: 'map',
    shape: 'a key-value map of two entries: cpu to 0.82, memory to 0.64',
    carries: ['cpu', 0.82, 'memory', 0.64],
    make: () =>
      new Map([
        ['cpu', 0.82],
        ['memory', 0.64],
      ]),
  },
  {
    name: 'set',
    shape: 'a set of the texts "eu-west" and "us-east"',
    carries: ['eu-west', 'us-east'],
    make: () => new Set(['eu-west', 'us-east']),
  },
  {
    name: 'map-of-live-keys',
    shape: 'a key-value map whose one key is a function, mapped to "listener-1"',
    carries: ['listener-1'],
    make: () => new Map([[() => {}, 'listener-1']]),
  },
  {
    name: 'typed-array',
    shape: 'a list of two double-precision numbers in a block of memory: 0.5 and one that is not a number',
    make: () => new Float64Array([0.5, Number.NaN]),
  },
  {
    name: 'buffer',
    shape: "the bytes 0, 255, 10 as the platform's buffer",
    make: () => Buffer.alloc(3, new Uint8Array([0, 255, 10])),
  },
  {
    name: 'array-buffer',
    shape: 'a block of four bytes of memory, without a view of it',
    make: () => new ArrayBuffer(4),
  },
  {
    name: 'promise',
    shape: 'a value that is to come, and never will: the promise stays open',
    insideOnly: true,
    make: () => new Promise<never>(() => {}),
  },
  {
    name: 'generator',
    shape: 'a generator of 1 and 2 that has not begun',
    make: function* numbers(): Generator<number> {
      yield 1;
      yield 2;
    },
  },
  {
    name: 'async-generator',
    shape: 'a generator of the number 1, later, that has not begun',
    make: async function* laterNumbers(): AsyncGenerator<number> {
      yield 1;
    },
  },
];

/** Engines write paths of the machine into stacks, each in its own way. */
function withFixedStack<E extends Error>(error: E): E {
  error.stack = `${error.name}: ${error.message}\n    at quantile (report.ts:1:1)`;
  return error;
}
