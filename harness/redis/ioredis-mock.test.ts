import { Redis } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ClientCase, clientCases } from './client-cases.fixture.ts';
import { clientOf } from './memory-client.fixture.ts';
import { type RealServer, realVersion, startRealServer } from './real-server.fixture.ts';
import { SimulatedRedis } from './server.ts';
import { simulatedVersion } from './version.ts';

/** Where `ioredis-mock` differs from Redis, and how: it may serve tests that use none of these. */
const knownDifferences: Readonly<Record<string, string>> = {
  'set with KEEPTTL': 'the expiry is gone',
  'set with a wrong option': 'is set all the same',
  'incr of text': 'null, no error',
  'incr past 64 bits': 'a rounded number, no error',
  'expire with NX': 'expires anew',
  'pexpire with GT': 'expires sooner',
  rename: 'a key that is not there can be renamed',
  'scan with TYPE': 'a syntax error',
  touch: 'no such command',
  select: 'no such command: all is one database',
  'hincrby of text': 'null, no error',
  'get of a hash': 'the hash, no error',
  'hset on a string': 'the string is a hash now',
  'blpop of what is there': 'no such command',
  'brpop of what is there': 'no such command',
  'xadd with the time': 'ids count from 1',
  'xadd with an id': '1-1 becomes 1-1-0',
  'xadd with a lower id': 'is added all the same',
  'xadd with ms-*': '5-* becomes 5-*-0',
  'xadd with NOMKSTREAM': 'wrong number of arguments',
  'xadd with MAXLEN': 'ids count from 1',
  'xadd with MINID': 'MINID becomes the id',
  'xadd on a string': 'the string is a stream now',
  'xrange without its ends': 'nothing',
  xrevrange: 'ids with -0 at the end',
  'xread after a cursor': 'entries before the cursor too',
  'xread from the end': 'all entries',
  xdel: 'no such command',
  xtrim: 'no such command',
  'consumer groups': 'no such commands',
  xinfo: 'no such command',
  'a transaction with an error inside': 'null, no error',
  wait: 'no such command',
  'client name': 'no such command',
  'too few arguments': 'null, no error',
};

const clients: Redis[] = [];
let server: RealServer | null = null;

afterEach(disconnectAll);
afterAll(async () => {
  await server?.close();
});

describe('fixed cases of the ioredis client', () => {
  it('come out of the simulated Redis as out of a real one', async (ctx) => {
    if (realVersion() !== simulatedVersion) {
      ctx.skip(`needs redis-server ${simulatedVersion} on the PATH, found ${realVersion() ?? 'none'}`);
    }
    server = await startRealServer();
    for (const played of clientCases) {
      const real = kept(new Redis(server.path));
      await real.flushall();
      expect(await outcome(simulatedClient(), played), played.name).toEqual(await outcome(real, played));
      disconnectAll();
    }
  });

  it('come out of ioredis-mock otherwise in exactly these', async () => {
    const different: string[] = [];
    for (const played of clientCases) {
      const mock = kept(new RedisMock());
      await mock.flushall();
      const [expected, got] = [await outcome(simulatedClient(), played), await outcome(mock, played)];
      if (JSON.stringify(got) !== JSON.stringify(expected)) different.push(played.name);
      disconnectAll();
    }
    expect(different).toEqual(Object.keys(knownDifferences));
  });
});

function disconnectAll(): void {
  for (const client of clients.splice(0)) client.disconnect();
}

function simulatedClient(): Redis {
  const redis = new SimulatedRedis({
    now: Date.now,
    schedule: (at, run) => {
      const timer = setTimeout(run, at - Date.now());
      return () => clearTimeout(timer);
    },
  });
  return kept(clientOf(redis));
}

function kept(client: Redis): Redis {
  clients.push(client);
  return client;
}

/** What each command resolved to, or the message that it rejected with; what depends on the time is left out. */
async function outcome(client: Redis, { commands }: ClientCase): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  let transaction: Record<string, Method> | null = null;
  for (const [method, ...args] of commands) {
    const on: Record<string, Method> = transaction ?? (client as unknown as Record<string, Method>);
    try {
      const answer = method === 'multi' ? on.multi?.() : on[method]?.(...args);
      if (method === 'multi') transaction = answer as Record<string, Method>;
      outcomes.push(
        method === 'multi' || (on === transaction && method !== 'exec') ? 'queued' : timeless(await answer),
      );
      if (method === 'exec' || method === 'discard') transaction = null;
    } catch (thrown) {
      outcomes.push({ rejected: messageOf(thrown) });
    }
  }
  return outcomes;
}

type Method = (...args: readonly unknown[]) => unknown;

function timeless(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_, inner: unknown) =>
      inner instanceof Error ? { error: inner.message } : inner,
    ).replace(/"1[5-9]\d{8,11}(-\d+)?"/g, '"<time>"'),
  );
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
