import { expect, it } from 'vitest';
import { type Replayed, replayJson, replayText } from './commands/replay.ts';

const style = { color: false, width: 100 };
const whole: Replayed = {
  scenario: 'by-hand/case',
  seed: 7,
  world: 'simulated',
  redis: { kind: 'simulated', version: '7.0.15' },
  k: 0,
  n: 2,
  failing: { findings: [], metrics: [], faults: [], skipped: [], events: 12, hash: 'abc' },
};
const skipped = [{ what: 'spin agent', why: 'it would stop all that runs beside it' }];
const faults = [
  { name: 'spin agent', planned: 1, fired: 0 },
  { name: 'delay client', planned: 2, fired: 1 },
];
const partly: Replayed = { ...whole, failing: { ...whole.failing, faults, skipped } };

it('says how many of the planned faults fired, and what was skipped and why', () => {
  expect(replayText(partly, style).split('\n')).toEqual([
    '✓ holds in 2 of 2 plays',
    '  1 of 3 planned faults fired',
    '  skipped: spin agent (it would stop all that runs beside it)',
    '  12 events, sha-256 abc',
  ]);
  expect(replayJson(partly)).toEqual({
    schema: 'faultline.replay/1',
    scenario: 'by-hand/case',
    seed: 7,
    world: 'simulated',
    redis: { kind: 'simulated', version: '7.0.15' },
    k: 0,
    n: 2,
    hash: 'abc',
    violations: [],
    faults,
    skipped,
  });
});

it('says nothing of faults where none was planned', () => {
  expect(replayText(whole, style).split('\n')).toEqual([
    '✓ holds in 2 of 2 plays',
    '  12 events, sha-256 abc',
  ]);
});
