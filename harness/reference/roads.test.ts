import { expect, it } from 'vitest';
import { keysUnder } from '../../src/keys.ts';
import { inTexts, storedEvents } from './roads.ts';

const keys = keysUnder('p:');
const at = (key: string, ...texts: string[]) =>
  storedEvents('p:', { key, type: 'string', texts, expires: true })[0];

it('names the road, the user, the run and the agent of each key', () => {
  expect(at(keys.state('alice', 'run-1'), '{"v":1}')).toMatchObject({
    road: 'persistence',
    user: 'alice',
    run: 'run-1',
    json: { v: 1 },
  });
  expect(at(keys.events('alice', 'run-1'), '{}')).toMatchObject({
    road: 'events',
    user: 'alice',
    run: 'run-1',
  });
  expect(at(keys.delivery('bob', 'run-2'), '{}')).toMatchObject({ road: 'delivery', user: 'bob' });
  expect(at(keys.cached('bob', 'data', 'abc'), '{}')).toMatchObject({
    road: 'cache',
    user: 'bob',
    agent: 'data',
  });
  expect(at('something:else', 'x')).toMatchObject({ road: 'unknown' });
});

it('keeps text that is no JSON as text, and cuts what is too long', () => {
  expect(at('k', '[object Object]')).toMatchObject({ text: '[object Object]' });
  const long = at('k', `"${'x'.repeat(70_000)}"`);
  expect(long).toMatchObject({ truncated: true });
  expect(long?.text).toHaveLength(65_536);
});

it('gives one event for each entry of a stream', () => {
  const entries = storedEvents('p:', {
    key: keys.events('alice', 'run-1'),
    type: 'stream',
    texts: ['{"sequence":1}', '{"sequence":2}'],
    expires: false,
  });
  expect(entries.map(({ json, expires }) => [json, expires])).toEqual([
    [{ sequence: 1 }, false],
    [{ sequence: 2 }, false],
  ]);
});

it('tells a snapshot in texts: events alone, hashes as JSON, strings as they are', () => {
  const key = 'k';
  expect(inTexts({ key, ttlMs: 5, type: 'string', value: 'as it is' })).toEqual({
    key,
    type: 'string',
    texts: ['as it is'],
    expires: true,
  });
  expect(inTexts({ key, ttlMs: null, type: 'hash', value: { status: 'ended' } })).toMatchObject({
    texts: ['{"status":"ended"}'],
    expires: false,
  });
  const entries = [
    { id: '1-0', fields: ['n', '1', 'e', '{"sequence":1}'] },
    { id: '2-0', fields: ['odd', 'one'] },
  ];
  expect(inTexts({ key, ttlMs: null, type: 'stream', value: entries }).texts).toEqual([
    '{"sequence":1}',
    '["odd","one"]',
  ]);
});
