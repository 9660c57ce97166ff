import type { Recipe } from './recipe.ts';

/** Single values that JSON has no word for, or another. */
export const primitives: readonly Recipe[] = [
  {
    name: 'undefined',
    shape: 'the absence of a value, in a place that exists',
    insideOnly: true,
    make: () => undefined,
  },
  {
    name: 'nan',
    shape: 'a number that is not a number',
    make: () => Number.NaN,
  },
  {
    name: 'infinity',
    shape: 'the number that is larger than any other',
    make: () => Number.POSITIVE_INFINITY,
  },
  {
    name: 'negative-infinity',
    shape: 'the number that is smaller than any other',
    make: () => Number.NEGATIVE_INFINITY,
  },
  {
    name: 'negative-zero',
    shape: 'the number zero with a minus sign, which JSON can write as 0 alone',
    data: 0,
    foreign: [],
    disguised: [[]],
    make: () => -0,
  },
  {
    name: 'bigint',
    shape: 'the integer 9007199254740993, one more than a double can tell from its neighbour',
    carries: ['9007199254740993'],
    make: () => 9_007_199_254_740_993n,
  },
  {
    name: 'boxed-number',
    shape: 'an object that wraps the number 7',
    data: 7,
    foreign: [],
    disguised: [[]],
    make: () => Object(7),
  },
  {
    name: 'boxed-text',
    shape: 'an object that wraps the text "seven"',
    data: 'seven',
    foreign: [],
    disguised: [[]],
    make: () => Object('seven'),
  },
  {
    name: 'boxed-boolean',
    shape: 'an object that wraps the boolean false, and counts as true where it is tested',
    data: false,
    foreign: [],
    disguised: [[]],
    make: () => Object(false),
  },
  {
    name: 'boxed-bigint',
    shape: 'an object that wraps the integer 9007199254740995',
    carries: ['9007199254740995'],
    make: () => Object(9_007_199_254_740_995n),
  },
];
