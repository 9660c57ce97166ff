import type { Recipe } from './recipe.ts';

/** What is held without being owned. */
export const references: readonly Recipe[] = [
  {
    name: 'weak-reference',
    shape: 'a weak reference to an object {id: "cached-1"}',
    make: () => new WeakRef({ id: 'cached-1' }),
  },
  {
    name: 'weak-map',
    shape: 'a map that holds one of its keys weakly, an object that is mapped to 1',
    make: () => new WeakMap([[{ id: 'cached-1' }, 1]]),
  },
  {
    name: 'weak-set',
    shape: 'a set that holds its one object weakly',
    make: () => new WeakSet([{ id: 'cached-1' }]),
  },
];
