import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keysUnder } from '../keys.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import { type RedisServer, redisMissing, startRedisServer } from './redis-server.fixture.ts';

const run = { user: 'alice', run: 'run-1' };

describe.skipIf(redisMissing !== null)('the log of a run, with several events in an entry', () => {
  let server: RedisServer;
  let redis: Redis;
  let log: EventLog;

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis({ host: '127.0.0.1', port: server.port });
    log = createEventLog(redis, keysUnder('test:'), 60);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  beforeEach(() => redis.flushall());

  it('gives each event its number, from wherever it is read', async () => {
    await log.append(run, 1, ['"a"'], true);
    await log.append(run, 2, ['"b"', '"c"', '"d"'], false);
    await log.append(run, 5, ['"e"'], false);
    const all = ['"a"', '"b"', '"c"', '"d"', '"e"'].map((text, at) => ({ sequence: at + 1, text }));
    for (let after = 0; after <= 5; after++) expect(await log.read(run, after, 10)).toEqual(all.slice(after));
    expect(await log.last(run)).toEqual(all.at(-1));
    expect(await redis.xlen('test:u:alice:r:run-1:events')).toBe(3);
  });

  it('gives at least as many as asked for, where there are so many', async () => {
    await log.append(run, 1, ['1', '2', '3', '4', '5', '6', '7', '8'], true);
    for (let next = 9; next <= 20; next++) await log.append(run, next, [String(next)], false);
    for (let after = 0; after < 20; after++) {
      const events = await log.read(run, after, 3);
      expect(events[0]?.sequence).toBe(after + 1);
      expect(events.length).toBeGreaterThanOrEqual(Math.min(3, 20 - after));
    }
  });

  it('holds what was sent twice once, and nothing of a second writer', async () => {
    await log.append(run, 1, ['"a"', '"b"'], true);
    await log.append(run, 1, ['"a"', '"b"'], true);
    for (const texts of [['"a"'], ['"a"', '"x"'], ['"y"']])
      await expect(log.append(run, 1, texts, true)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await log.append(run, 3, ['"c"'], false);
    await expect(log.append(run, 3, ['"end"'], false)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await log.read(run, 0, 10)).map(({ text }) => text)).toEqual(['"a"', '"b"', '"c"']);
  });
});
