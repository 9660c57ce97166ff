import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from './embedded.ts';
import { clientOf } from './memory-client.fixture.ts';
import { SimulatedRedis } from './server.ts';
import { deleteUnder, type StoredKey, snapshotOf, snapshotOver } from './snapshot.ts';

const now = 1_770_000_000_000;

/** One key of each type under the prefix, and one that is not. */
async function fill(client: Redis, prefix: string): Promise<void> {
  await client.set(`${prefix}text`, 'grüße', 'EX', 100);
  await client.rpush(`${prefix}list`, 'b', 'a');
  await client.sadd(`${prefix}set`, 'b', 'a');
  await client.zadd(`${prefix}scores`, 2, 'b', 1.5, 'a');
  await client.hset(`${prefix}hash`, { z: '1', a: '3' });
  await client.hset(`${prefix}hash`, '__proto__', '2');
  await client.xadd(`${prefix}stream`, '1-1', 'n', '1', 'e', '{}');
  await client.set('another:text', 'x');
}

function filled(prefix: string): StoredKey[] {
  return [
    {
      key: `${prefix}hash`,
      type: 'hash',
      ttlMs: null,
      value: Object.fromEntries([
        ['__proto__', '2'],
        ['a', '3'],
        ['z', '1'],
      ]),
    },
    { key: `${prefix}list`, type: 'list', ttlMs: null, value: ['b', 'a'] },
    {
      key: `${prefix}scores`,
      type: 'zset',
      ttlMs: null,
      value: [
        { member: 'a', score: 1.5 },
        { member: 'b', score: 2 },
      ],
    },
    { key: `${prefix}set`, type: 'set', ttlMs: null, value: ['a', 'b'] },
    {
      key: `${prefix}stream`,
      type: 'stream',
      ttlMs: null,
      value: [{ id: '1-1', fields: ['n', '1', 'e', '{}'] }],
    },
    { key: `${prefix}text`, type: 'string', ttlMs: 100_000, value: 'grüße' },
  ];
}

describe('a snapshot of the simulated store', () => {
  it('holds every key that has not expired, sorted', async () => {
    let time = now;
    const redis = new SimulatedRedis({ now: () => time, schedule: () => () => undefined });
    const client = clientOf(redis);
    await fill(client, 'p:');
    await client.set('brief', 'x', 'PX', 10);
    time += 20;
    const [other, ...own] = snapshotOf(redis);
    expect(other).toEqual({ key: 'another:text', type: 'string', ttlMs: null, value: 'x' });
    expect(own).toEqual(filled('p:').map((key) => (key.ttlMs === null ? key : { ...key, ttlMs: 99_980 })));
    client.disconnect();
  });
});

describe('a snapshot over a connection', () => {
  let server: EmbeddedRedis;
  let client: Redis;
  beforeAll(async () => {
    server = await startEmbeddedRedis();
    client = new Redis(server.port, server.host);
  });
  beforeEach(async () => {
    await client.flushall();
  });
  afterAll(async () => {
    client.disconnect();
    await server.close();
  });

  it('has the same form, of the keys under the prefix only', async () => {
    await fill(client, 'p*:');
    const stored = await snapshotOver(client, 'p*:');
    const ttlMs = stored.find(({ key }) => key === 'p*:text')?.ttlMs ?? 0;
    expect(ttlMs).toBeGreaterThan(90_000);
    expect(ttlMs).toBeLessThanOrEqual(100_000);
    expect(stored).toEqual(filled('p*:').map((key) => (key.ttlMs === null ? key : { ...key, ttlMs })));
  });

  it('deletes exactly the keys under a prefix, however many', async () => {
    const names = Array.from({ length: 2_500 }, (_, i) => [`p:${i}`, 'x']).flat();
    await client.mset('another', 'x', 'p', 'x', ...names);
    expect(await deleteUnder(client, 'p:')).toBe(2_500);
    expect((await client.keys('*')).sort()).toEqual(['another', 'p']);
  });
});
