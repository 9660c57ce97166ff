import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { RedisConnection } from './connection.ts';
import { dial, type RealServer, realVersion, startRealServer } from './real-server.fixture.ts';
import { SimulatedRedis } from './server.ts';
import { simulatedVersion } from './version.ts';

let server: RealServer | null = null;

beforeAll(async () => {
  if (realVersion() === simulatedVersion) server = await startRealServer();
});
afterAll(async () => {
  await server?.close();
});

/** What a client sends, chunk by chunk; QUIT at the end makes any server close. */
const conversations: readonly (readonly [what: string, ...chunks: string[]])[] = [
  ['inline commands', 'SET k v\r\nGET k\n\r\n  PING  \r\n', 'QUIT\r\n'],
  [
    'quotes in inline commands',
    'SET k "a b\\x00\\n\\"" \r\nGET k\r\nSET k \'it\\\'s\'\r\nGET k\r\nECHO a"b"\r\nECHO ""\r\nQUIT\r\n',
  ],
  [
    'a command cut anywhere',
    '*',
    '3\r',
    '\n$3\r\nS',
    'ET\r\n$1',
    '\r\nk\r\n$',
    '3\r\na',
    '\r\n\r',
    '\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nQUIT\r\n',
  ],
  ['empty arrays', '*0\r\n*-1\r\n\r\nPING\r\nQUIT\r\n'],
  ['many commands at once', `${'*1\r\n$4\r\nPING\r\n'.repeat(500)}QUIT\r\n`],
  [
    'a long argument',
    `*2\r\n$4\r\nECHO\r\n$100000\r\n${'x'.repeat(60_000)}`,
    `${'x'.repeat(40_000)}\r\nQUIT\r\n`,
  ],
  ['nothing behind QUIT', 'QUIT\r\nSET k v\r\n'],
  ['not a bulk string', '*1\r\n:1\r\n'],
  ['no number of arguments', '*x\r\n'],
  ['too many arguments', '*2147483648\r\n'],
  ['a number with zeros in front', '*01\r\n'],
  ['a negative length', '*1\r\n$-1\r\n'],
  ['too long an argument', '*1\r\n$536870913\r\n'],
  ['an empty length', '*1\r\n$\r\n'],
  ['a count that never ends', `*${'1'.repeat(70_000)}`],
  ['a length that never ends', `*1\r\n$${'1'.repeat(70_000)}`],
  ['a line that never ends', 'x'.repeat(70_000)],
  ['quotes that never end', 'SET k "a\r\n'],
  ['text behind quotes', 'SET k "a"b\r\n'],
  [
    'several subscriptions',
    'SUBSCRIBE a b\r\nPSUBSCRIBE c*\r\nPING\r\nPING x\r\nGET k\r\nUNSUBSCRIBE a b\r\nPUNSUBSCRIBE\r\nGET k\r\nUNSUBSCRIBE\r\nQUIT\r\n',
  ],
  ['its own messages within a transaction', 'MULTI\r\nSUBSCRIBE a\r\nPUBLISH a hello\r\nEXEC\r\nQUIT\r\n'],
  ['a transaction that is left open', 'MULTI\r\nSET k v\r\nQUIT\r\n'],
  ['EXEC with an argument', 'MULTI\r\nEXEC x\r\nPING\r\nQUIT\r\n'],
  ['an unknown command within a transaction', 'MULTI\r\nNOSUCH a b\r\nSET k v\r\nEXEC\r\nQUIT\r\n'],
  [
    'an unknown command with strange bytes',
    `*3\r\n$6\r\nno\r\nsu\r\n$3\r\na\0b\r\n$200\r\n${'y'.repeat(200)}\r\n*2\r\n$6\r\nclient\r\n$4\r\nx\r\ny\r\nQUIT\r\n`,
  ],
  ['RESET', 'SELECT 1\r\nCLIENT SETNAME me\r\nMULTI\r\nRESET\r\nEXEC\r\nCLIENT GETNAME\r\nQUIT\r\n'],
  ['waiting in vain', 'BLPOP l 0.01\r\nXREAD BLOCK 10 STREAMS s $\r\nWAIT 1 10\r\nQUIT\r\n'],
  [
    'no waiting within a transaction',
    'MULTI\r\nBLPOP l 0\r\nXREAD BLOCK 0 STREAMS s $\r\nWAIT 1 0\r\nEXEC\r\nQUIT\r\n',
  ],
];

describe('bytes on one connection, and its end', () => {
  it.each(conversations)('%s', async (_, ...chunks) => {
    expect(await simulatedSays(chunks)).toEqual({ said: expect.stringMatching(/^[-+:$*]/), closed: true });
  });

  it('are answered as by a real server', async (ctx) => {
    for (const [what, ...chunks] of conversations) {
      expect(await simulatedSays(chunks), what).toEqual(await realSays(realServer(ctx), chunks));
    }
  });
});

function realServer(ctx: TestContext): RealServer {
  return (
    server ?? ctx.skip(`needs redis-server ${simulatedVersion} on the PATH, found ${realVersion() ?? 'none'}`)
  );
}

interface Said {
  readonly said: string;
  readonly closed: boolean;
}

async function simulatedSays(chunks: readonly string[]): Promise<Said> {
  const redis = new SimulatedRedis({
    now: Date.now,
    schedule: (at, run) => {
      const timer = setTimeout(run, at - Date.now());
      return () => clearTimeout(timer);
    },
  });
  const said: Buffer[] = [];
  let closed = false;
  const over = new Promise<void>((resolve) => {
    const connection = new RedisConnection(
      redis,
      (bytes) => said.push(bytes),
      () => {
        closed = true;
        resolve();
      },
    );
    for (const chunk of chunks) connection.bytes(Buffer.from(chunk, 'latin1'));
  });
  await within(over);
  return { said: Buffer.concat(said).toString('latin1'), closed };
}

async function realSays(real: RealServer, chunks: readonly string[]): Promise<Said> {
  const socket = await dial(real.path);
  const said: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.on('error', () => undefined);
  const over = once(socket, 'close');
  socket.write('FLUSHALL\r\n');
  await once(socket, 'data');
  said.length = 0;
  for (const chunk of chunks) {
    socket.write(Buffer.from(chunk, 'latin1'));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const closed = await within(over);
  socket.destroy();
  return { said: Buffer.concat(said).toString('latin1'), closed };
}

/** Whether it came to pass within two seconds. */
async function within(over: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 2_000);
  });
  const met = await Promise.race([over.then(() => true), late]);
  clearTimeout(timer);
  return met;
}
