import type { Recipe } from './recipe.ts';

/** Objects that are more than a tree, or a tree beyond all bounds. */
export const graphs: readonly Recipe[] = [
  {
    name: 'cycle',
    shape:
      'an object {id: "link-1", back} whose `back` is the object that holds it (itself where it replaces the whole)',
    data: { id: 'link-1' },
    foreign: [['back']],
    make: ({ parent }) => {
      const link: { id: string; back?: unknown } = { id: 'link-1' };
      link.back = parent ?? link;
      return link;
    },
  },
  {
    name: 'list-in-itself',
    shape: 'a list of the text "first", the list itself, and the text "last"',
    data: ['first', null, 'last'],
    foreign: [[1]],
    make: () => {
      const list: unknown[] = ['first', null, 'last'];
      list[1] = list;
      return list;
    },
  },
  {
    name: 'shared-reference',
    shape: 'an object {first, second} of which both are one and the same object {model: "small", cost: 0.25}',
    data: { first: { model: 'small', cost: 0.25 }, second: { model: 'small', cost: 0.25 } },
    foreign: [],
    disguised: [[]],
    make: () => {
      const shared = { model: 'small', cost: 0.25 };
      return { first: shared, second: shared };
    },
  },
  {
    name: 'sparse-array',
    shape:
      'a list of four places of which the second and the third do not exist: "first", nothing, nothing, "last"',
    data: ['first', null, null, 'last'],
    foreign: [[1], [2]],
    make: () => Object.assign(new Array(4), { 0: 'first', 3: 'last' }),
  },
  {
    name: 'list-with-a-property',
    shape: 'a list of the texts "first" and "last" that has a property `total` 3 besides',
    data: ['first', 'last'],
    foreign: [['total']],
    make: () => Object.assign(['first', 'last'], { total: 3 }),
  },
  {
    name: 'deep-nesting',
    shape: '100,000 lists, each the only member of the next: deeper than anything that is meant as data',
    make: () => {
      let list: unknown[] = [];
      for (let depth = 1; depth < 100_000; depth++) list = [list];
      return list;
    },
  },
];
