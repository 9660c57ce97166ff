import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.ts';
import { clientOf } from './memory-client.fixture.ts';
import { SimulatedRedis } from './server.ts';

const epoch = Date.UTC(2026, 0, 1);
const clients: Redis[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

function setUp(): { readonly clock: ManualClock; readonly client: () => Redis } {
  const clock = new ManualClock();
  const redis = new SimulatedRedis({
    now: () => epoch + clock.now(),
    schedule: (at, run) => clock.after(at - epoch - clock.now(), run),
  });
  return {
    clock,
    client: () => {
      const client = clientOf(redis);
      clients.push(client);
      return client;
    },
  };
}

describe('the real ioredis client on the simulated Redis', () => {
  it('gets ready, sets, gets and reads bytes back', async () => {
    const client = setUp().client();
    expect(await client.set('k', 'grüße')).toBe('OK');
    expect(await client.get('k')).toBe('grüße');
    const bytes = Buffer.from([0, 255, 13, 10]);
    await client.set('b', bytes);
    expect(await client.getBuffer('b')).toEqual(bytes);
    expect(client.status).toBe('ready');
  });

  it('pipelines and runs transactions', async () => {
    const { client: connect } = setUp();
    const client = connect();
    expect(await client.pipeline().set('n', 1).incr('n').get('n').lpush('n', 'x').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
      [expect.objectContaining({ message: expect.stringMatching(/^WRONGTYPE /) })],
    ]);
    expect(await client.multi().hset('h', { a: 1, b: 2 }).hgetall('h').exec()).toEqual([
      [null, 2],
      [null, { a: '1', b: '2' }],
    ]);
    await client.watch('n');
    await connect().set('n', 'meanwhile');
    expect(await client.multi().set('n', 'mine').exec()).toBeNull();
  });

  it('blocks in XREAD until an entry comes, or until its time is over', async () => {
    const { clock, client } = setUp();
    const reader = client();
    const writer = client();
    const reading = reader.xread('BLOCK', 5_000, 'STREAMS', 's', '$');
    await writer.ping();
    clock.advance(40);
    const id = await writer.xadd('s', '*', 'e', '1');
    expect(id).toBe(`${epoch + 40}-0`);
    expect(await reading).toEqual([['s', [[id, ['e', '1']]]]]);
    const inVain = reader.xread('BLOCK', 100, 'STREAMS', 's', '$');
    await writer.ping();
    clock.advance(100);
    expect(await inVain).toBeNull();
  });

  it('subscribes and is told', async () => {
    const { client } = setUp();
    const subscriber = client();
    const said = new Promise((resolve) => subscriber.on('message', (...heard) => resolve(heard)));
    await subscriber.subscribe('news');
    expect(await client().publish('news', 'hello')).toBe(1);
    expect(await said).toEqual(['news', 'hello']);
  });

  it('lets keys expire with the clock that it was given', async () => {
    const { clock, client: connect } = setUp();
    const client = connect();
    await client.set('k', 'v', 'PX', 50);
    clock.advance(50);
    expect(await client.pttl('k')).toBe(0);
    clock.advance(1);
    expect(await client.get('k')).toBeNull();
  });

  it('scans step by step past every key that stays, while others come and go', async () => {
    const client = setUp().client();
    const staying = Array.from({ length: 40 }, (_, i) => `stays:${i}`);
    for (const key of staying) await client.mset(key, '1', `goes:${key}`, '1');
    const met = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await client.scan(cursor, 'COUNT', 7);
      for (const key of keys) met.add(key);
      const gone = keys.filter((key) => key.startsWith('goes:'));
      if (gone.length > 0) await client.del(...gone);
      await client.set(`comes:${met.size}`, '1');
      cursor = next;
    } while (cursor !== '0' && met.size < 1_000);
    expect(staying.filter((key) => !met.has(key))).toEqual([]);
    expect(cursor).toBe('0');
  });

  it('quits', async () => {
    const client = setUp().client();
    const ended = new Promise((resolve) => client.once('end', resolve));
    expect(await client.quit()).toBe('OK');
    await ended;
    expect(client.status).toBe('end');
  });
});
