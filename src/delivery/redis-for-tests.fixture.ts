import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type RedisServer, redisMissing, startRedisServer } from './redis-server.fixture.ts';

/** There from the first test on. */
export interface RedisForTests {
  readonly server: RedisServer;
  readonly redis: Redis;
}

/**
 * One Redis and a connection to it for the tests of a file, or of the `describe` that calls this; empty at the
 * start of each. Where no server can be started they are skipped with the reason.
 */
export function redisForTests(): RedisForTests {
  let server: RedisServer | undefined;
  let redis: Redis | undefined;
  beforeAll(async () => {
    if (redisMissing !== null) return;
    server = await startRedisServer();
    redis = new Redis({ host: '127.0.0.1', port: server.port });
    redis.on('error', () => {});
  });
  beforeEach(async (context) => {
    if (redisMissing !== null) context.skip(redisMissing);
    await redis?.flushall();
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  return {
    get server() {
      return there(server);
    },
    get redis() {
      return there(redis);
    },
  };
}

function there<T>(made: T | undefined): T {
  if (made === undefined) throw new Error('there is no Redis before the first test');
  return made;
}
