import { expect, it } from 'vitest';
import { replayCase } from './commands/replay.ts';
import { reproduceIncident } from './commands/reproduce.ts';
import { run } from './commands/run.ts';

/** Options that cannot both be kept are refused before any work: nothing is taken less than it was asked for. */

const budget = { runs: 1, realRuns: 1, out: '.faultline' };

it.each([
  [
    'replay on a Redis in simulation',
    () => replayCase('case.json', { world: 'simulated', redis: 'process', times: 1 }),
  ],
  ['run on a Redis in simulation', () => run([], { ...budget, world: 'simulated', redis: 'process' })],
  [
    'reproduce on a Redis in simulation',
    () => reproduceIncident('585', { ...budget, world: 'simulated', redis: 'process' }),
  ],
])('refuses to %s', async (_what, command) => {
  await expect(command()).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('--redis process (or FAULTLINE_REDIS) is for the real world'),
  });
});

it.each([
  ['replay', () => replayCase('case.json', { redis: 'embedded', times: 1, checkDeterminism: true })],
  ['run', () => run([], { ...budget, world: 'real', redis: 'any', checkDeterminism: true })],
])('refuses to %s in the real world byte for byte', async (_what, command) => {
  await expect(command()).rejects.toMatchObject({
    kind: 'usage',
    message: '--check-determinism is for the simulated world only',
  });
});
