import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../../../src/codec/codec.ts';
import type { ValueClass } from '../value-class.ts';
import { data, spoilt } from './kinds.ts';

const wide = Array.from({ length: 120_000 }, (_, index) => [`key-${index}`, index] as const);

/** Values without an end, and values that are too much. */
export const cyclesAndBounds: readonly ValueClass[] = [
  spoilt(
    'cycle',
    () => {
      const link: Record<string, unknown> = { id: 'link-1' };
      link.back = link;
      return link;
    },
    { at: [['back']], rest: { id: 'link-1' } },
    { kind: 'typed', isFaithful: (copy) => (copy as { back: unknown }).back === copy },
  ),
  spoilt(
    'cycle through a list',
    () => {
      const list: unknown[] = [1];
      list.push({ list });
      return list;
    },
    { at: [[1, 'list']], rest: [1, {}] },
    { kind: 'typed', isFaithful: (copy) => (copy as [number, { list: unknown }])[1].list === copy },
  ),
  spoilt(
    'cycle through a map',
    () => {
      const map = new Map<string, unknown>([['a', 1]]);
      map.set('self', map);
      return map;
    },
    { at: [[]] },
    { kind: 'typed', isFaithful: (copy) => copy instanceof Map && copy.get('self') === copy },
  ),
  {
    ...bounded('100,000 lists in one another', () => {
      let deep: unknown = 1;
      for (let depth = 0; depth < 100_000; depth++) deep = [deep];
      return deep;
    }),
    // A comparison that calls itself would not come back from there.
    isFaithful: (copy) => depthOf(copy) === 100_000,
    altered: (copy) => [new Array<number>(depthOf(copy)).fill(0)],
  },
  {
    ...bounded('object of 120,000 keys', () => Object.fromEntries(wide)),
    isFaithful: (copy) =>
      Object.keys(copy as object).length === wide.length &&
      wide.every(([key, value]) => Reflect.get(copy as object, key) === value),
  },
  bounded('list of 120,000 items', () => new Array(120_000).fill(7)),
  bounded('text of 5 MB', () => 'x'.repeat(5 * 1024 * 1024)),
  {
    ...bounded('lattice of 2^17 ways', () => {
      let lattice: unknown = 1;
      for (let level = 0; level < 17; level++) lattice = { left: lattice, right: lattice };
      return lattice;
    }),
    altered: (copy) => [firstCut(copy)],
  },
];

/** Data that a codec with limits may cut, at a place that depends on its limits. */
function bounded(name: string, make: () => unknown): ValueClass {
  return { ...data(name, make), isFaithful: (copy) => isDeepStrictEqual(copy, make()), altered: () => [[]] };
}

function depthOf(copy: unknown): number {
  let depth = 0;
  for (let inner = copy; Array.isArray(inner) && inner.length > 0; inner = inner[0]) depth += 1;
  return depth;
}

/** The outermost branch of a lattice that lost its right half. */
function firstCut(copy: unknown): Path {
  const path: string[] = [];
  let inner = copy as { right?: unknown };
  while (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'right')) {
    path.push('right');
    inner = inner.right as typeof inner;
  }
  return path;
}
