import { expect, it } from 'vitest';
import type { AgentOutcome } from './agents/agent.ts';
import { outcomeText } from './agents/outcome-text.ts';
import { cleanJsonCodec } from './codec/clean-json.ts';
import { rememberingCodec } from './remembering-codec.ts';

const live = { insights: ['a'], session: () => {} };

it('encodes what it decoded as it was, and everything else as the codec does', () => {
  let encoded = 0;
  const codec = rememberingCodec({
    name: 'counting',
    encode: (value) => {
      encoded += 1;
      return cleanJsonCodec.encode(value);
    },
    decode: (text) => cleanJsonCodec.decode(text),
  });
  const { text, account } = codec.encode(live);
  expect(account).toHaveLength(1);
  const data = codec.decode(text) as { insights: string[] };
  data.insights.push('changed in place');
  expect([codec.encode(data), encoded]).toEqual([{ text, account: [] }, 1]);
  expect([codec.encode({ data }).text, encoded]).toEqual([JSON.stringify({ data }), 2]);
  expect([codec.encode(codec.decode('null')), codec.decode('1')]).toEqual([{ text: 'null', account: [] }, 1]);
});

it.each<AgentOutcome>([
  { agent: 'data', ok: true, data: { a: [1] }, account: [{ path: ['b'], kind: 'lost', reason: 'function' }] },
  { agent: 'data', ok: true, data: null, account: [], cached_from: 'run-1' },
  { agent: 'data', ok: false, code: 'INPUT_MISSING', because: 'triage' },
])('an outcome as text is the outcome: %j', (outcome) => {
  expect(JSON.parse(outcomeText(rememberingCodec(cleanJsonCodec), outcome))).toEqual(outcome);
});
