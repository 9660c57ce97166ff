import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { HarnessError } from '../errors.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './embedded.ts';

const servers: EmbeddedRedis[] = [];
const clients: Redis[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const server of servers.splice(0)) await server.close();
});

async function started(port?: number): Promise<EmbeddedRedis> {
  const server = await startEmbeddedRedis(port === undefined ? {} : { port });
  servers.push(server);
  return server;
}

function connected(server: EmbeddedRedis): Redis {
  const client = new Redis(server.port, server.host, { retryStrategy: () => null });
  clients.push(client);
  return client;
}

describe('the embedded Redis', () => {
  it('serves several clients over TCP, all on the same data', async () => {
    const server = await started();
    expect(server.host).toBe('127.0.0.1');
    const [one, two] = [connected(server), connected(server)];
    await one.set('k', 'x'.repeat(3_000_000));
    expect((await two.get('k'))?.length).toBe(3_000_000);
    expect(await two.info('server')).toContain('redis_version:7.0.15');
  });

  it('lets a blocked client wait, in vain or not, while others are served', async () => {
    const server = await started();
    const [waiting, other] = [connected(server), connected(server)];
    const popped = waiting.blpop('l', 0);
    expect(await other.ping()).toBe('PONG');
    await other.rpush('l', 'v');
    expect(await popped).toEqual(['l', 'v']);
    expect(await waiting.blpop('l', 0.02)).toBeNull();
  });

  it('forgets a blocked client that has gone', async () => {
    const server = await started();
    const [waiting, other] = [connected(server), connected(server)];
    await waiting.ping();
    const popped = waiting.blpop('l', 0).catch((error: Error) => error.message);
    await other.ping();
    waiting.disconnect();
    expect(await popped).toBe('Connection is closed.');
    await other.rpush('l', 'v');
    expect(await other.lrange('l', 0, -1)).toEqual(['v']);
  });

  it('takes far more behind a blocking command than it reads at once', async () => {
    const server = await started();
    const [waiting, other] = [connected(server), connected(server)];
    const popped = waiting.blpop('l', 0);
    const behind = Array.from({ length: 60 }, (_, i) => waiting.set(`k${i}`, 'x'.repeat(100_000)));
    expect(await other.exists('k0')).toBe(0);
    await other.rpush('l', 'v');
    expect(await popped).toEqual(['l', 'v']);
    expect(await Promise.all(behind)).toEqual(behind.map(() => 'OK'));
  });

  it('says which port is taken', async () => {
    const { port } = await started();
    const refused = startEmbeddedRedis({ port });
    await expect(refused).rejects.toThrow(HarnessError);
    await expect(refused).rejects.toThrow(`port ${port} (EADDRINUSE)`);
  });

  it('ends its connections when it is closed', async () => {
    const server = await started();
    const client = connected(server);
    await client.ping();
    const ended = new Promise((resolve) => client.once('end', resolve));
    await server.close();
    await ended;
    expect(client.status).toBe('end');
  });
});
