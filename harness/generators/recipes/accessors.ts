import type { Recipe } from './recipe.ts';

/** Properties that are code, and objects that speak for themselves. */
export const accessors: readonly Recipe[] = [
  {
    name: 'throwing-getter',
    shape: 'an object {id: "record-1"} with an enumerable accessor `total` that throws when it is read',
    data: { id: 'record-1' },
    foreign: [['total']],
    make: ({ ran }) => ({
      id: 'record-1',
      get total(): number {
        ran('getter');
        throw new Error('detached: the session of this record is closed');
      },
    }),
  },
  {
    name: 'accessor-with-side-effects',
    shape:
      'an object {id: "meter-1"} with an enumerable accessor `reading` that gives 1, 2, 3…: one more with each look',
    data: { id: 'meter-1' },
    foreign: [['reading']],
    make: ({ ran }) => {
      let looks = 0;
      return {
        id: 'meter-1',
        get reading(): number {
          ran('getter');
          looks += 1;
          return looks;
        },
      };
    },
  },
  {
    name: 'hidden-property',
    shape:
      'an object {id: "row-1"} with a property `version` 4 that does not show when its properties are listed',
    data: { id: 'row-1' },
    foreign: [['version']],
    make: () => Object.defineProperty({ id: 'row-1' }, 'version', { value: 4 }),
  },
  {
    name: 'lying-to-json',
    shape: 'an object {total: 12, items: [1, 2]} with a method toJSON() that says {total: 0}',
    data: { total: 12, items: [1, 2] },
    foreign: [['toJSON']],
    make: ({ ran }) => ({
      total: 12,
      items: [1, 2],
      toJSON(): object {
        ran('toJSON');
        return { total: 0 };
      },
    }),
  },
  {
    name: 'throwing-to-json',
    shape: 'an object {total: 12} with a method toJSON() that throws',
    data: { total: 12 },
    foreign: [['toJSON']],
    make: ({ ran }) => ({
      total: 12,
      toJSON(): never {
        ran('toJSON');
        throw new Error('not while the transaction is open');
      },
    }),
  },
  {
    name: 'inherited-to-json',
    shape:
      'an instance of class Money: amount 12, currency "USD", whose class has a method toJSON() that says "12 USD"',
    data: { amount: 12, currency: 'USD' },
    foreign: [[]],
    make: ({ ran }) => {
      class Money {
        readonly amount = 12;
        readonly currency = 'USD';

        toJSON(): string {
          ran('toJSON');
          return `${this.amount} ${this.currency}`;
        }
      }
      return new Money();
    },
  },
];
