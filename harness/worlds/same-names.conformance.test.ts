import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Case } from '../case.ts';
import type { History } from '../history.ts';
import type { World } from '../world.ts';
import { messageNames } from './conformance/readings.ts';
import { cleanCase } from './conformance-cases.ts';
import { createRealWorld } from './real/world.ts';
import { createSimulatedWorld } from './simulated/pool.ts';

let simulated: World;
let real: World;

beforeAll(async () => {
  simulated = createSimulatedWorld();
  real = await createRealWorld({ redis: 'embedded' });
});
afterAll(async () => {
  await Promise.all([simulated.close(), real.close()]);
});

it('a message has the same name in every world', async () => {
  const playing = withoutConfirmations(cleanCase());
  const expected = namesIn(await simulated.play(playing));
  expect(expected.length).toBeGreaterThan(300);
  expect(namesIn(await real.play(playing))).toEqual(expected);
});

it('so have confirmations but for their number: what comes together is confirmed together', async () => {
  const played = await simulated.play(cleanCase());
  // Once for the acceptance, once for the end, and for at least one confirmation.
  expect(messageNames(played)).toContain('redis>alice/run-1/set.delivery#3');
  const expected = seriesIn(played);
  expect(seriesIn(await real.play(cleanCase()))).toEqual(expected);
});

function withoutConfirmations(playing: Case): Case {
  return { ...playing, users: playing.users.map((user) => ({ ...user, confirms: 'none' })) };
}

/**
 * Signs of life of the pipeline itself, and of its store, are as many as the time that it takes; and what nobody
 * confirms is read again after a time, which only a slow machine comes to within a run.
 */
function namesIn(history: History): string[] {
  const names = messageNames(history)
    .filter((name) => !name.includes('/xrange.events#'))
    .map((name) => (name.includes('-/-/') ? seriesOf(name) : name));
  return [...new Set(names)];
}

function seriesIn(history: History): string[] {
  return [...new Set(messageNames(history).map(seriesOf))];
}

function seriesOf(name: string): string {
  return name.split('#')[0] ?? name;
}
