import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { mayNeedMemory, mayWrite } from './commands/flags.ts';
import { commandNames } from './commands/table.ts';
import { clientOf } from './memory-client.fixture.ts';
import { type RealServer, realVersion, startRealServer } from './real-server.fixture.ts';
import { SimulatedRedis } from './server.ts';
import { simulatedVersion } from './version.ts';

let server: RealServer | null = null;

beforeAll(async () => {
  if (realVersion() === simulatedVersion) server = await startRealServer();
});
afterAll(async () => {
  await server?.close();
});

function realClient(ctx: TestContext): Redis {
  if (server === null) return ctx.skip(`there is no redis-server ${simulatedVersion} on the PATH`);
  return new Redis({ path: server.path });
}

describe('a Redis in a bad way answers as a real one does', () => {
  it('knows which commands may write, and which may need memory', async (ctx) => {
    const real = realClient(ctx);
    const infos = (await real.call('COMMAND')) as CommandInfo[];
    const flags = new Map<string, readonly string[]>();
    for (const [name, , own, , , , , , , subcommands] of infos) {
      flags.set(name, own);
      for (const [sub, , each] of subcommands ?? []) flags.set(sub, each);
    }
    expect(commandNames().length).toBeGreaterThan(100);
    for (const name of commandNames()) {
      expect([name, mayWrite(name), mayNeedMemory(name)]).toEqual([
        name,
        flags.get(name)?.includes('write'),
        flags.get(name)?.includes('denyoom'),
      ]);
    }
    real.disconnect();
  });

  const ailments = [
    { name: 'full', ail: ['CONFIG', 'SET', 'maxmemory', '1'], heal: ['CONFIG', 'SET', 'maxmemory', '0'] },
    { name: 'readOnly', ail: ['REPLICAOF', '127.0.0.1', '1'], heal: ['REPLICAOF', 'NO', 'ONE'] },
  ] as const;

  it.for(ailments)('$name: to single commands and to transactions', async ({ name, ail, heal }, ctx) => {
    const real = realClient(ctx);
    const engine = new SimulatedRedis({ now: Date.now, schedule: () => () => undefined });
    const simulated = clientOf(engine);
    for (const each of [real, simulated]) await repliesOf(each, before);
    await real.call(...(ail as unknown as [string, ...string[]]));
    engine[name] = true;
    const expected = await repliesOf(real, meanwhile);
    expect(
      expected.filter((reply) => /^(OOM|READONLY|EXECABORT) /.test(String(reply))).length,
    ).toBeGreaterThan(5);
    expect(await repliesOf(simulated, meanwhile)).toEqual(expected);
    await real.call(...(heal as unknown as [string, ...string[]]));
    engine[name] = false;
    expect(await repliesOf(simulated, after)).toEqual(await repliesOf(real, after));
    for (const each of [real, simulated]) each.disconnect();
  });
});

type CommandInfo = [string, number, string[], ...unknown[]] & { 9?: [string, number, string[]][] };

const before = ['FLUSHALL', 'SET a 1', 'RPUSH l x y', 'HSET h f v', 'XADD s 1-1 n 1 e {}'];

/** What the pipeline says to its store, and transactions that begin, go wrong and end in every way. */
const meanwhile = [
  ...['SET a 2', 'SET b 1 EX 10 NX', 'GET a', 'DEL l', 'EXISTS l', 'EXPIRE a 100', 'XADD s 1-2 n 2 e {}'],
  ...['XRANGE s - +', 'XLEN s', 'HSET h g w', 'HGETALL h', 'HDEL h f', 'INCR a', 'PING', 'SET a', 'NONE a'],
  ...['MULTI', 'SET a 3', 'GET a', 'EXEC', 'MULTI', 'GET a', 'EXEC', 'MULTI', 'DEL a', 'EXEC'],
  ...['MULTI', 'PING', 'DISCARD', 'MULTI', 'EXEC', 'WATCH a', 'MULTI', 'MULTI', 'DISCARD', 'EXEC', 'UNWATCH'],
];

const after = [
  'GET a',
  'SET a 9',
  'GET a',
  'XADD s 1-3 n 3 e {}',
  'XRANGE s - +',
  'HGETALL h',
  'LRANGE l 0 -1',
];

async function repliesOf(client: Redis, commands: readonly string[]): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (const line of commands) {
    const [name = '', ...args] = line.split(' ');
    replies.push(await client.call(name, ...args).catch((refused: Error) => refused.message));
  }
  return replies;
}
