import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import type { Case } from '../../case.ts';
import { realVersion } from '../../redis/real-server.fixture.ts';
import { openRedis } from './redis/open-redis.ts';
import type { PlayOnRedis } from './redis-in-play.ts';
import { RedisInPlay } from './redis-in-play.ts';

const hasRedisServer = realVersion() !== null;

it('tells a Redis that stands still what befell it meanwhile as soon as it goes on', async (context) => {
  if (!hasRedisServer) context.skip('no redis-server on the PATH');
  const server = await openRedis('process', { env: process.env, progress: () => {} });
  const { host, port, password = '' } = server.address;
  const asking = new Redis({ host, port, password });
  try {
    const redis = new RedisInPlay(server, () => {});
    const failures: unknown[] = [];
    await redis.begin({} as Case, playOf(failures));
    const ended: string[] = [];
    const befall = (fate: 'stall-redis' | 'fill-redis' | 'read-only-redis', ms: number): void =>
      redis.befall({ do: fate, ms }, () => void ended.push(fate));
    befall('fill-redis', 300);
    await expect.poll(() => asking.config('GET', 'maxmemory')).toEqual(['maxmemory', '1']);
    befall('stall-redis', 400);
    befall('read-only-redis', 100);
    await expect.poll(() => ended.length, { timeout: 4_000 }).toBe(3);
    await redis.mend();
    expect(failures).toEqual([]);
    expect(await asking.config('GET', 'maxmemory')).toEqual(['maxmemory', '0']);
    expect(await asking.role()).toContain('master');
  } finally {
    asking.disconnect();
    await server.close();
  }
});

/** What a play lends, as far as what only lasts for a while needs it. */
function playOf(failures: unknown[]): PlayOnRedis {
  return {
    recorder: { record: () => {} } as unknown as PlayOnRedis['recorder'],
    clock: systemClock,
    failed: (thrown) => failures.push(thrown),
  };
}
