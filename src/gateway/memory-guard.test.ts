import { expect, it } from 'vitest';
import { createMemoryGuard } from './memory-guard.ts';

it('lets runs in up to the limit, and from there on refuses each until there is room again', () => {
  let used = 100;
  const told: number[] = [];
  const guard = createMemoryGuard({
    memory: { usedBytes: () => used },
    mostBytes: 100,
    over: (bytes) => told.push(bytes),
  });
  guard.admit();
  used = 101;
  expect(() => guard.admit()).toThrow('OVERLOADED');
  expect(() => guard.admit()).toThrow('OVERLOADED');
  used = 99;
  guard.admit();
  expect(told).toEqual([101, 101]);
});
