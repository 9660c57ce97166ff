import { describe, expect, it } from 'vitest';
import type { AgentOutcome } from '../agents/agent.ts';
import { cleanJsonCodec } from '../codec/clean-json.ts';
import { keysUnder } from '../keys.ts';
import { contextOf } from '../supervisor/run-bench.fixture.ts';
import { createRedisOutcomeCache } from './redis-outcome-cache.ts';

const outcome: AgentOutcome = {
  agent: 'optimization',
  ok: true,
  data: {
    optimization_type: 'x',
    recommendations: [null],
    confidence_score: 1,
    metadata: { tool_calls: [] },
  },
  account: [{ path: ['recommendations', 0], kind: 'lost', reason: 'function' }],
};
const context = contextOf('cheaper?');
const input = { request: 'cheaper?' };

function entryOf(changes: object): object {
  return { v: 2, codec: cleanJsonCodec.name, run: 'run-1', outcome, ...changes };
}

function bench() {
  const stored = new Map<string, string>();
  const commands: unknown[][] = [];
  const measured: string[] = [];
  const cache = createRedisOutcomeCache({
    redis: {
      get: async (key: string) => stored.get(key) ?? null,
      set: async (...args: [string, string]) => {
        commands.push(args);
        stored.set(args[0], args[1]);
        return 'OK';
      },
    } as never,
    keys: keysUnder('p:'),
    codec: cleanJsonCodec,
    expiryS: 60,
    witness: { cacheMeasured: (_agent, result) => measured.push(result), failed: () => {} },
  });
  return { cache, stored, commands, measured };
}

describe('the cache', () => {
  it('gives back what it was given, account and all, and whose it was', async () => {
    const { cache, commands, measured } = bench();
    expect(await cache.get('optimization', context, input)).toBeNull();
    await cache.set('optimization', context, input, outcome);
    expect(await cache.get('optimization', contextOf('cheaper?', 'run-2'), { ...input })).toEqual({
      ...outcome,
      cached_from: 'run-1',
    });
    expect(await cache.get('optimization', { ...context, userId: 'bob' }, input)).toBeNull();
    expect(await cache.get('optimization', context, { request: 'faster?' })).toBeNull();
    expect(measured).toEqual(['miss', 'stored', 'hit', 'miss', 'miss']);
    const [key, text, ...expiry] = commands[0] as string[];
    expect(key).toMatch(/^p:u:alice:cache:optimization:[0-9a-f]{64}$/);
    expect(JSON.parse(text ?? '')).toEqual(entryOf({}));
    expect(expiry).toEqual(['EX', 60]);
  });

  it.each([
    ['text that is no JSON', '[object Object]'],
    ['a result without its envelope', JSON.stringify(outcome.data)],
    ['another version', JSON.stringify(entryOf({ v: 1 }))],
    ['a key more', JSON.stringify(entryOf({ more: 1 }))],
    ['of another codec', JSON.stringify(entryOf({ codec: 'json' }))],
    ['no run', JSON.stringify(entryOf({ run: undefined, other: 1 }))],
    ['another agent’s outcome', JSON.stringify(entryOf({ outcome: { ...outcome, agent: 'data' } }))],
    ['a failure', JSON.stringify(entryOf({ outcome: { ...outcome, ok: false } }))],
    ['no account', JSON.stringify(entryOf({ outcome: { ...outcome, account: 'none' } }))],
    [
      'an account that does not fit the data',
      JSON.stringify(entryOf({ outcome: { ...outcome, account: [] } })),
    ],
    [
      'data off contract',
      JSON.stringify(entryOf({ outcome: { ...outcome, data: '[object Object]', account: [] } })),
    ],
  ])('refuses an entry that is %s', async (_, text) => {
    const { cache, stored, measured } = bench();
    await cache.set('optimization', context, input, outcome);
    for (const key of stored.keys()) stored.set(key, text);
    expect(await cache.get('optimization', context, input)).toBeNull();
    expect(measured).toEqual(['stored', 'refused']);
  });
});
