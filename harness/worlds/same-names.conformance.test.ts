import { afterAll, expect, it } from 'vitest';
import type { World } from '../world.ts';
import { messageNames } from './conformance.ts';
import { cleanCase } from './conformance-cases.ts';
import { createRealWorld } from './real/world.ts';
import { createSimulatedWorld } from './simulated/pool.ts';

const opened: World[] = [];
afterAll(async () => {
  await Promise.all(opened.map((world) => world.close()));
});

it('a message has the same name in every world', async () => {
  const simulated = createSimulatedWorld();
  opened.push(simulated);
  const real = await createRealWorld({ redis: 'embedded' });
  opened.push(real);
  const expected = messageNames(await simulated.play(cleanCase()));
  expect(expected.length).toBeGreaterThan(300);
  expect(messageNames(await real.play(cleanCase()))).toEqual(expected);
});
