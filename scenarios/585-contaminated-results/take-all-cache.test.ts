import { describe, expect, it } from 'vitest';
import type { AgentName, AgentSucceeded } from '../../src/agents/agent.ts';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';
import { keysUnder } from '../../src/keys.ts';
import { contextOf } from '../../src/supervisor/run-bench.fixture.ts';
import { binaryClone, fromBinaryClone } from './binary-clone.ts';
import { flattenedByName } from './name-patterns.ts';
import { withStringDefault } from './string-default.ts';
import { stringified } from './stringified.ts';
import { type OldEntry, takeAllCache } from './take-all-cache.ts';

/** Not one of this test's own: those are no real namespaces under the test runner. */
const source: string = 'data:text/javascript,export const call = () => 1';
const namespace: unknown = await import(source);
const clean = { cost: 12.5, notes: ['a', null, true] };
const cycle: { self?: unknown } = {};
cycle.self = cycle;
const broken = Object.defineProperty({}, 'total', {
  enumerable: true,
  get: () => {
    throw new Error('detached');
  },
});

describe('the cache that writes JSON, else a clone, else text', () => {
  it.each([
    ['clean data', clean, clean, 'run-1'],
    ['what can be cloned', { at: new Map([[1, 2]]), n: 1n }, { at: new Map([[1, 2]]), n: 1n }, 'run-1'],
    ['a cycle', cycle, cycle, 'run-1'],
    ['a function', { call: () => 1 }, '[object Object]', undefined],
    ['a module', { path: namespace }, '[object Object]', undefined],
    ['what cannot be read', broken, '[object Object]', undefined],
  ])('gives %s back, and counts a hit', async (_, data, back, cached_from) => {
    const { outcome, measured } = await thereAndBack(stringified, 'data', data);
    expect(outcome).toEqual({
      agent: 'data',
      ok: true,
      data: back,
      account: [],
      ...(cached_from === undefined ? {} : { cached_from }),
    });
    expect(measured).toEqual(['stored', 'hit']);
  });
});

it('a clone holds nothing of where an error was thrown', () => {
  const text = binaryClone({ map: new Map([[1, new Error('lost', { cause: new TypeError('deeper') })]]) });
  expect(Buffer.from(text, 'base64').toString('latin1')).not.toContain('take-all-cache');
  expect(fromBinaryClone(text)).toEqual({
    map: new Map([[1, new Error('lost', { cause: new TypeError('deeper') })]]),
  });
});

describe('the cache with a default for JSON', () => {
  it.each([
    ['clean data', clean, clean],
    ['a module', { path: namespace, kept: 1 }, { path: '<module>', kept: 1 }],
    ['a function', { call: function f() {} }, { call: '<function f>' }],
    ['a class', { at: new Map() }, { at: '<Map object>' }],
    ['a bigint and nothing', { n: 1n, u: undefined }, { n: '1', u: null }],
    ['a cycle, which is cloned', cycle, cycle],
  ])('gives back %s', async (_, data, back) => {
    const { outcome } = await thereAndBack(withStringDefault, 'data', data);
    expect(outcome).toEqual({ agent: 'data', ok: true, data: back, account: [], cached_from: 'run-1' });
  });

  it('writes at last that it could not, and takes that for the result', async () => {
    const { outcome } = await thereAndBack(withStringDefault, 'data', broken);
    expect(outcome).toMatchObject({ ok: true, data: '<serialization_failed: Object>' });
  });
});

describe('the cache that goes by names', () => {
  it.each<AgentName>(['triage', 'data', 'data_helper', 'reporting'])(
    'leaves a healthy result of %s alone',
    async (agent) => {
      expect((await thereAndBack(flattenedByName, agent, clean)).outcome).toMatchObject({ data: clean });
    },
  );

  it.each<AgentName>(['optimization', 'actions'])('flattens a healthy result of %s', async (agent) => {
    expect((await thereAndBack(flattenedByName, agent, clean)).outcome).toMatchObject({
      data: { type: 'object_reference', attributes: clean },
    });
  });

  it('makes references of what is alive, and stops at a depth', async () => {
    class AgentInstance {}
    const gone = Proxy.revocable({}, {});
    gone.revoke();
    const data = {
      agent: new AgentInstance(),
      call: function f() {},
      n: 1n,
      broken,
      cycle,
      gone: gone.proxy,
    };
    const { outcome } = await thereAndBack(flattenedByName, 'data', data);
    expect(outcome).toMatchObject({
      data: {
        agent: { type: 'agent_reference', class_name: 'AgentInstance' },
        call: { type: 'callable_reference', name: 'f' },
        n: '<bigint object>',
        broken: { total: '<total>' },
        gone: '<object>',
        cycle: { self: { self: { self: { self: { self: '<max_depth_reached: Object>' } } } } },
      },
    });
  });
});

/** What a cache that writes so gives back of a result, and what it counted. */
async function thereAndBack(write: (entry: OldEntry) => string, agent: AgentName, result: unknown) {
  const stored = new Map<string, string>();
  const measured: string[] = [];
  const cache = takeAllCache(
    {
      redis: {
        get: async (key: string) => stored.get(key) ?? null,
        set: async (key: string, text: string) => {
          stored.set(key, text);
          return 'OK';
        },
      } as never,
      keys: keysUnder('p:'),
      codec: cleanJsonCodec,
      expiryS: 60,
      witness: { cacheMeasured: (_agent, what) => measured.push(what), failed: () => {} },
    },
    write,
  );
  const data = result as AgentSucceeded['data'];
  await cache.set(agent, contextOf('cheaper?'), { a: 1 }, { agent, ok: true, data, account: [] });
  return { outcome: await cache.get(agent, contextOf('cheaper?', 'run-2'), { a: 1 }), measured };
}
