import { expect, it } from 'vitest';
import { Ballast } from './ballast.ts';

it('gives back what one took, and keeps what another did', async () => {
  const ballast = new Ballast();
  await Promise.all([ballast.take(1, 3_000), ballast.take(2, 5_000)]);
  expect(ballast.bytes).toBe(8_000);
  ballast.drop(1);
  expect(ballast.bytes).toBe(5_000);
  await ballast.take(3, 7_000);
  ballast.drop();
  expect(ballast.bytes).toBe(0);
});
