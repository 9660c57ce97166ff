import { isDeepStrictEqual } from 'node:util';
import type { ValueClass } from '../value-class.ts';
import { live, spoilt, typed } from './kinds.ts';

const own = Symbol('own');

/** Objects that are more than their data: classes, accessors, hidden and symbol keys, `toJSON`. */
export const objects: readonly ValueClass[] = [
  typed('class instance', () => new Invoice(), [{ total: 5, lines: [1, 2] }]),
  live('private fields', () => new Account()),
  spoilt('symbol key', () => ({ a: 1, [own]: 2 }), { at: [['Symbol(own)']], rest: { a: 1 } }),
  spoilt(
    'hidden property',
    () => Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }),
    { at: [['hidden']], rest: { a: 1 } },
    {
      kind: 'typed',
      isFaithful: (copy) =>
        Object.getOwnPropertyDescriptor(copy, 'hidden')?.value === 2 &&
        Object.keys(copy as object).length === 1,
      isReadable: (copy) => isDeepStrictEqual(copy, { a: 1, hidden: 2 }),
    },
  ),
  spoilt(
    'accessor',
    (ran) => ({
      a: 1,
      get computed() {
        ran();
        return 2;
      },
    }),
    { at: [['computed']], rest: { a: 1 } },
    { isReadable: (copy) => isDeepStrictEqual(copy, { a: 1, computed: 2 }) },
  ),
  spoilt(
    'accessor with side effects',
    (ran) => {
      let reads = 0;
      return {
        a: 1,
        get reads() {
          ran();
          reads += 1;
          return reads;
        },
      };
    },
    { at: [['reads']], rest: { a: 1 } },
  ),
  spoilt(
    'throwing getter',
    (ran) => ({
      id: 'record-1',
      get total() {
        ran();
        throw new Error('the session is closed');
      },
    }),
    { at: [['total']], rest: { id: 'record-1' } },
  ),
  spoilt(
    'getter in a list',
    (ran) =>
      Object.defineProperty([1, 2, 3], 1, {
        enumerable: true,
        get() {
          ran();
          throw new Error('the session is closed');
        },
      }),
    { at: [[1]], rest: [1, null, 3] },
  ),
  spoilt(
    'setter without getter',
    (ran) => ({
      a: 1,
      set b(_: number) {
        ran();
      },
    }),
    {
      at: [['b']],
      rest: { a: 1 },
    },
  ),
  typed(
    'accessors on a class',
    (ran) => new Lazy(ran),
    [{ a: 1 }],
    (copy) => copy instanceof Lazy,
  ),
  spoilt(
    'lying `toJSON`',
    (ran) => ({
      a: 1,
      toJSON: () => {
        ran();
        return 'something else';
      },
    }),
    { at: [['toJSON']], rest: { a: 1 } },
  ),
  spoilt(
    'throwing `toJSON`',
    (ran) => ({
      a: 1,
      toJSON: () => {
        ran();
        throw new Error('no');
      },
    }),
    { at: [['toJSON']], rest: { a: 1 } },
  ),
  typed(
    '`toJSON` on a class',
    (ran) => new SaysOther(ran),
    [{ a: 1 }],
    (copy) => copy instanceof SaysOther,
  ),
  spoilt('lying `Symbol.toStringTag`', () => ({ a: 1, [Symbol.toStringTag]: 'Date' }), {
    at: [['Symbol(Symbol.toStringTag)']],
    rest: { a: 1 },
  }),
  spoilt('method in an object', (ran) => ({ id: 'a', list: [1, ran], run: ran }), {
    at: [['list', 1], ['run']],
    rest: { id: 'a', list: [1, null] },
  }),
  typed(
    'object made from another',
    () => Object.create({ inherited: 1 }, { a: { value: 1, enumerable: true } }),
    [{ a: 1, inherited: 1 }],
    (copy) => Object.keys(copy as object).join() === 'a' && Reflect.get(copy as object, 'inherited') === 1,
  ),
];

class Invoice {
  total = 5;
  lines = [1, 2];
  describe(): string {
    return `${this.total}`;
  }
}

class Account {
  readonly id = 'account-1';
  readonly #balance = 7;
  balance(): number {
    return this.#balance;
  }
}

class Lazy {
  readonly a = 1;
  readonly #ran: () => void;
  constructor(ran: () => void) {
    this.#ran = ran;
  }
  get computed(): never {
    this.#ran();
    throw new Error('not yet loaded');
  }
}

class SaysOther {
  readonly a = 1;
  readonly #ran: () => void;
  constructor(ran: () => void) {
    this.#ran = ran;
  }
  toJSON(): string {
    this.#ran();
    return 'something else';
  }
}
