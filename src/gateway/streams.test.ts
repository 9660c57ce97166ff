import { expect, it } from 'vitest';
import { codeOf, PipelineError } from '../errors.ts';
import { ManualClock } from '../supervisor/manual-clock.fixture.ts';
import type { Identity } from './authenticate.ts';
import { createStreams } from './streams.ts';

it('counts the streams of each user while they are open', () => {
  const { alice, bob, streams } = some();
  const leave = [streams.add(alice, () => {}), streams.add(alice, () => {}), streams.add(bob, () => {})];
  expect([streams.countOf('alice'), streams.countOf('bob')]).toEqual([2, 1]);
  leave[0]?.();
  leave[0]?.();
  expect(streams.countOf('alice')).toBe(1);
  for (const each of leave) each();
  expect([streams.countOf('alice'), streams.countOf('bob')]).toEqual([0, 0]);
});

it('ends a stream in the moment in which its token expires, once, and one that is over not at all', async () => {
  const { alice, clock, streams } = some();
  const ended: string[] = [];
  const leave = streams.add(alice, (thrown) => ended.push(codeOf(thrown)));
  streams.add(alice, () => ended.push('over'))();
  await clock.pass(2_499);
  expect(ended).toEqual([]);
  await clock.pass(1);
  expect(ended).toEqual(['AUTH_TOKEN_EXPIRED']);
  await clock.pass(10_000);
  leave();
  expect([ended.length, clock.pending]).toEqual([1, 0]);
});

it('ends a stream whose token was revoked at the next look, and none because nobody can say', async () => {
  const { alice, clock, streams, standing } = some();
  const ended: string[] = [];
  streams.add(alice, (thrown) => ended.push(codeOf(thrown)));
  standing.refused = new PipelineError('STORE_UNAVAILABLE');
  await clock.pass(1_500);
  expect(ended).toEqual([]);
  standing.refused = new PipelineError('AUTH_TOKEN_REVOKED');
  await clock.pass(500);
  expect(ended).toEqual(['AUTH_TOKEN_REVOKED']);
});

/** Looks come each second; a token is good for two and a half. */
function some() {
  const clock = new ManualClock();
  const standing: { refused: PipelineError | null } = { refused: null };
  const recheck = async ({ expiresAt }: Identity): Promise<void> => {
    if (clock.now() >= expiresAt) throw new PipelineError('AUTH_TOKEN_EXPIRED');
    if (standing.refused !== null) throw standing.refused;
  };
  const of = (userId: string): Identity => ({ userId, expiresAt: clock.now() + 2_500 });
  const streams = createStreams({ clock, recheck, everyMs: 1_000 });
  return { alice: of('alice'), bob: of('bob'), clock, standing, streams };
}
