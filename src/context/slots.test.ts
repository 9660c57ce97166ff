import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, redisMissing, startRedisServer } from '../delivery/redis-server.fixture.ts';
import { keysUnder } from '../keys.ts';
import { createSlots, type SlotRun } from './slots.ts';
import { openStoreSession } from './store-session.ts';

const keys = keysUnder('test:');
let made = 0;
const run = (runId: string, userId = 'alice'): SlotRun => ({
  userId,
  runId,
  correlationId: `corr_${++made}`,
});

describe.skipIf(redisMissing !== null)('slots', () => {
  let server: RedisServer;
  /** One connection for each of two gateways. */
  let connections: Redis[];
  const gateway = (index: number) =>
    createSlots(connections[index] ?? new Redis(), keys, { slotsPerUser: 3, expiryMs: 60_000 });

  beforeAll(async () => {
    server = await startRedisServer();
    connections = [1, 2].map(() => new Redis(server.port, '127.0.0.1'));
  });
  beforeEach(() => connections[0]?.flushall());
  afterAll(async () => {
    for (const connection of connections) connection.disconnect();
    await server.stop();
  });

  it('are given to one run each, over all gateways, and come back', async () => {
    const [one, two] = [gateway(0), gateway(1)];
    const first = run('run-1');
    expect(await one.take(first, new Set())).toBe(1);
    expect(await two.take(run('run-2'), new Set())).toBe(2);
    expect(await one.take(run('run-3'), new Set([1]))).toBe(3);
    expect(await two.take(run('run-4'), new Set([2]))).toBeNull();
    expect(await two.take(run('run-1', 'bob'), new Set())).toBe(1);
    await one.leave(first, 1);
    expect(await two.take(run('run-4'), new Set([2]))).toBe(1);
  });

  it('are never given twice, however many ask at the same moment', async () => {
    const asking = Array.from({ length: 20 }, (_, index) =>
      gateway(index % 2).take(run(`run-${index}`), new Set()),
    );
    const given = (await Promise.all(asking)).filter((slot) => slot !== null);
    expect(given.sort()).toEqual([1, 2, 3]);
  });

  it('are known again by the run whose command was sent twice', async () => {
    const asked = run('run-1');
    expect(await gateway(0).take(asked, new Set())).toBe(1);
    expect(await gateway(0).take(asked, new Set())).toBe(1);
  });

  it('come back by themselves', async () => {
    await gateway(0).take(run('run-1'), new Set());
    expect(await connections[0]?.pttl(keys.slot('alice', 1))).toBeGreaterThan(50_000);
  });

  it('are not taken from another run where nobody knows whether they were left', async () => {
    const [mine, other] = [run('run-1'), run('run-2')];
    const redis = connections[0] as Redis;
    await gateway(0).take(mine, new Set());
    // Done, and its answer lost; meanwhile the slot is another's.
    const lossy = Object.create(redis, {
      del: {
        value: async (key: string) => {
          await redis.del(key);
          await gateway(1).take(other, new Set());
          throw new Error('Connection is closed.');
        },
      },
    }) as Redis;
    await createSlots(lossy, keys, { slotsPerUser: 3, expiryMs: 60_000 }).leave(mine, 1);
    expect(await redis.get(keys.slot('alice', 1))).toContain('run-2');
  });

  it('are left where taking one brought no answer', async () => {
    const redis = connections[0] as Redis;
    const lossy = Object.create(redis, {
      set: {
        value: async (...given: Parameters<Redis['set']>) => {
          await redis.set(...given);
          throw new Error('Connection is closed.');
        },
      },
    }) as Redis;
    const slots = createSlots(lossy, keys, { slotsPerUser: 3, expiryMs: 60_000 });
    await expect(slots.take(run('run-1'), new Set())).rejects.toThrow('STORE_UNAVAILABLE');
    await expect.poll(() => redis.get(keys.slot('alice', 1))).toBeNull();
  });

  it('cannot be had where the store cannot be asked', async () => {
    const nowhere = new Redis(1, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    nowhere.on('error', () => {});
    const slots = createSlots(nowhere, keys, { slotsPerUser: 3, expiryMs: 1_000 });
    await expect(slots.take(run('run-1'), new Set())).rejects.toThrow('STORE_UNAVAILABLE');
    await expect(slots.leave(run('run-1'), 1)).rejects.toThrow('STORE_UNAVAILABLE');
  });
});

it('a session reads nothing any more once its run is over', async () => {
  const session = openStoreSession(new Redis({ lazyConnect: true }), { id: 's', opened: 1, stateKey: 'key' });
  session.close();
  await expect(session.readState()).rejects.toThrow('STORE_UNAVAILABLE: the session is closed');
});
