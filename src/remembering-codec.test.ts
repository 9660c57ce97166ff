import { expect, it } from 'vitest';
import type { AgentOutcome } from './agents/agent.ts';
import { outcomeText } from './agents/outcome-text.ts';
import { cleanJsonCodec } from './codec/clean-json.ts';
import { rememberingCodec } from './remembering-codec.ts';

const live = { insights: ['a'], session: () => {} };

const codec = rememberingCodec(cleanJsonCodec);

it('knows the text of what it decoded, which nobody can change, and of nothing else', () => {
  const { text } = codec.encode(live);
  const data = codec.decode(text) as { insights: string[] };
  data.insights.push('changed in place');
  expect(codec.textOf?.(data)).toBe(text);
  expect([codec.textOf?.({ ...data }), codec.textOf?.(codec.decode('1'))]).toEqual([undefined, undefined]);
});

it('encodes what was changed in place as it is now, with all that is no data named', () => {
  const data = codec.decode('{"insights":["a"]}') as { insights: unknown[] };
  data.insights.push('b', () => {});
  expect(codec.encode(data)).toEqual({
    text: '{"insights":["a","b",null]}',
    account: [{ path: ['insights', 2], kind: 'lost', reason: 'function' }],
  });
});

it('an outcome keeps the text that its data came from, whatever became of the data in place', () => {
  const data = codec.decode('{"insights":["a"]}') as { insights: string[] };
  data.insights.push('changed in place');
  const text = outcomeText(codec, { agent: 'data', ok: true, data, account: [] });
  expect(JSON.parse(text)).toMatchObject({ data: { insights: ['a'] } });
});

it.each<AgentOutcome>([
  { agent: 'data', ok: true, data: { a: [1] }, account: [{ path: ['b'], kind: 'lost', reason: 'function' }] },
  { agent: 'data', ok: true, data: null, account: [], cached_from: 'run-1' },
  { agent: 'data', ok: false, code: 'INPUT_MISSING', because: 'triage' },
])('an outcome as text is the outcome: %j', (outcome) => {
  expect(JSON.parse(outcomeText(codec, outcome))).toEqual(outcome);
});
