import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { redisForTests } from '../delivery/redis-for-tests.fixture.ts';
import type { ErrorCode } from '../errors.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import { closeCodeOf } from './close-code.ts';
import { type HandshakeState, waysOut } from './handshake.ts';
import { statusOf } from './http-status.ts';
import {
  dial,
  frame,
  good,
  protocols,
  readUntil,
  upgradeRequest,
  wayOutOf,
  withToken,
} from './raw-upgrade.fixture.ts';
import { openable, TestClient, type TestPipeline, tokenFor } from './test-pipeline.fixture.ts';
import { testPipelinesOn } from './test-pipelines.fixture.ts';

/** Every row of the table, over real sockets: it happens as described, and is told as the table says. */
describe('the ways out', () => {
  const store = redisForTests();
  const startAs = testPipelinesOn(store);

  const start = (limits: Record<string, number> = {}, supervisor?: Supervisor): Promise<TestPipeline> =>
    startAs({
      ...(supervisor === undefined ? {} : { supervisor }),
      config: {
        limits: { messageBytes: 20_000, earlyBytes: 30_000, messageFragments: 10, ...limits },
        timeouts: { handshakeMs: 700, redisCommandMs: 300, redisSilenceMs: 10_000, heartbeatMs: 200 },
      },
    });

  const upgrade = async (headers: Record<string, string>, path?: string) => {
    const pipeline = await start();
    return wayOutOf(pipeline, [upgradeRequest(pipeline, headers, path)]);
  };

  /** After the upgrade, while the store is away. */
  const early = async (...frames: Buffer[]) => {
    const pipeline = await start();
    await store.server.kill();
    try {
      return await wayOutOf(pipeline, [upgradeRequest(pipeline, good()), ...frames]);
    } finally {
      await store.server.start();
    }
  };

  /** Once the connection is ready. */
  const later = async (...frames: Buffer[]) => {
    const pipeline = await start();
    return wayOutOf(pipeline, [upgradeRequest(pipeline, good()), welcomed, ...frames]);
  };

  /** What `during` sees of a process that is going down while a run holds it up. */
  const goingDown = async <T>(during: (pipeline: TestPipeline) => Promise<T>): Promise<T> => {
    const gate = openable();
    const pipeline = await start(
      {},
      {
        run: async (_context, means) => {
          await gate.opened;
          await means.emit('run_failed', 'supervisor', {
            code: 'RUN_CANCELLED',
            message: '',
            retry: 'yes',
            remedy: '',
            correlation_id: '',
            missing: [],
          });
        },
      },
    );
    const client = await TestClient.open(pipeline, 'bob');
    client.start('run-1');
    await client.until(({ type }) => type === 'run_accepted');
    const closing = pipeline.close();
    const seen = await during(pipeline);
    gate.open();
    await closing;
    return seen;
  };

  const expiringIn = (seconds: number) => good('alice', { exp: Math.floor(Date.now() / 1000) + seconds });
  const ping = frame('{"type":"ping"}');

  const plays: Record<string, () => Promise<[number, string]>> = {
    'connecting PATH_UNKNOWN': () => upgrade(good(), '/other'),
    'connecting UPGRADE_REQUIRED': () => upgrade({ ...good(), 'Sec-WebSocket-Version': '8' }),
    'connecting ORIGIN_REFUSED': () => upgrade({ ...good(), Origin: 'https://evil.example' }),
    'connecting SUBPROTOCOL_REFUSED': () => upgrade(protocols(`jwt.${tokenFor('alice')}`)),
    'connecting CONNECTION_LIMIT': async () => {
      const pipeline = await start({ connections: 1 });
      const first = await TestClient.open(pipeline, 'bob');
      const out = await wayOutOf(pipeline, [upgradeRequest(pipeline, good())]);
      await first.leave();
      return out;
    },
    'connecting SERVICE_NOT_READY': () =>
      goingDown((pipeline) => wayOutOf(pipeline, [upgradeRequest(pipeline, good())])),

    'accepted AUTH_TOKEN_MISSING': () => upgrade(protocols('agent.v1')),
    'accepted AUTH_TOKEN_MALFORMED': () => upgrade(withToken('what')),
    'accepted AUTH_TOKEN_EXPIRED': () => upgrade(expiringIn(-1)),
    'accepted AUTH_TOKEN_INVALID': () => upgrade(withToken(tokenFor('alice', {}, { key: 'k'.repeat(40) }))),
    'accepted AUTH_TOKEN_REVOKED': async () => {
      const pipeline = await start();
      await revoke(store.redis, 'alice', 'token-1');
      return wayOutOf(pipeline, [upgradeRequest(pipeline, good('alice', { jti: 'token-1' }))]);
    },
    'accepted STORE_UNAVAILABLE': async () => {
      const pipeline = await startAs({
        config: { timeouts: { handshakeMs: 10_000, redisCommandMs: 300 } },
      });
      store.server.freeze();
      try {
        return await wayOutOf(pipeline, [upgradeRequest(pipeline, good('alice', { jti: 'token-2' }))]);
      } finally {
        store.server.thaw();
      }
    },
    'accepted SERVICE_NOT_READY': async () => {
      const pipeline = await startAs({
        config: { timeouts: { handshakeMs: 200, redisCommandMs: 5_000, redisSilenceMs: 5_000 } },
      });
      store.server.freeze();
      try {
        return await wayOutOf(pipeline, [upgradeRequest(pipeline, good('alice', { jti: 'token-3' }))]);
      } finally {
        store.server.thaw();
      }
    },
    'accepted CONNECTION_LIMIT': async () => {
      const pipeline = await start({ connectionsPerUser: 1 });
      await TestClient.open(pipeline, 'alice');
      return wayOutOf(pipeline, [upgradeRequest(pipeline, good())]);
    },
    'accepted MESSAGE_MALFORMED': () => upgrade({ ...good(), 'Sec-WebSocket-Key': 'short' }),

    'authenticated SERVICE_NOT_READY': () => early(),
    'authenticated EARLY_MESSAGES_LIMIT': () => early(...Array<Buffer>(65).fill(ping)),
    'authenticated MESSAGE_TOO_LARGE': () => early(frame('x'.repeat(20_001))),
    'authenticated FRAME_INVALID': () => early(frame('{}', 0xc1)),
    'ready AUTH_TOKEN_EXPIRED': async () => {
      const pipeline = await start();
      return wayOutOf(pipeline, [upgradeRequest(pipeline, expiringIn(2))]);
    },
    'ready AUTH_TOKEN_REVOKED': async () => {
      const pipeline = await start();
      return wayOutOf(pipeline, [
        upgradeRequest(pipeline, good('alice', { jti: 'token-4' })),
        welcomed,
        () => revoke(store.redis, 'alice', 'token-4'),
        frame('{"type":"resume","run_id":"run-1","after":0}'),
      ]);
    },
    'ready RATE_LIMITED': async () => {
      const pipeline = await start({ messagesPerSecond: 1, messageBurst: 1 });
      return wayOutOf(pipeline, [
        upgradeRequest(pipeline, good()),
        welcomed,
        ...Array<Buffer>(150).fill(ping),
      ]);
    },
    'ready MESSAGE_TOO_LARGE': () => later(frame('x'.repeat(20_001))),
    'ready FRAME_INVALID': () => later(frame('a', 0x01), ...Array<Buffer>(20).fill(frame('a', 0x00))),
    'ready SERVICE_NOT_READY': async () => {
      const pipeline = await start();
      return wayOutOf(pipeline, [upgradeRequest(pipeline, good()), welcomed, () => pipeline.close()]);
    },
  };

  /**
   * A slow reader is cut off and could not be told; a failure of our own cannot be had by asking; a token that
   * ends between two moments needs a clock of the test's own (`connection.test.ts`).
   */
  const untold = (row: string): boolean =>
    ['ready SLOW_READER', 'authenticated AUTH_TOKEN_EXPIRED'].includes(row) || row.endsWith(' INTERNAL');
  const rows = Object.entries(waysOut).flatMap(([state, codes]) =>
    Object.keys(codes).map((code) => [state, code] as [HandshakeState, ErrorCode]),
  );
  /** Close codes that the library chooses for FRAME_INVALID, and the one of a process that goes down. */
  const others: Record<string, number> = { 'ready FRAME_INVALID': 1008, 'ready SERVICE_NOT_READY': 1012 };

  it('are all played here', () => {
    const told = rows.map((row) => row.join(' ')).filter((row) => !untold(row));
    expect(Object.keys(plays).sort()).toEqual(told.sort());
  });

  it.each(rows.filter((row) => !untold(row.join(' '))))('%s: %s', async (state, code) => {
    const row = `${state} ${code}`;
    const before = state === 'connecting' || state === 'accepted';
    const expected = others[row] ?? (before ? statusOf(code) : closeCodeOf(code));
    expect(await plays[row]?.()).toEqual([expected, code]);
  });

  it('cuts a reader off that does not read, where it could not be told', async () => {
    const pipeline = await start(
      { sendBufferBytes: 200_000 },
      {
        run: async (_context, means) => {
          for (let step = 1; step <= 100; step++)
            await means.emit('agent_thinking', 'triage', {
              status: 'thinking',
              reasoning: 'x'.repeat(200_000),
              step_number: step,
            });
        },
      },
    );
    const socket = await dial(pipeline);
    socket.write(upgradeRequest(pipeline, good()));
    await readUntil(socket, (text) => text.includes('connection_established'));
    socket.pause();
    socket.write(
      frame(
        '{"type":"start_agent","run_id":"run-1","thread_id":"t","payload":{"user_request":"long enough"}}',
      ),
    );
    const lost = async (): Promise<void> => {
      const page = await (await fetch(`${pipeline.url}/metrics`)).text();
      if (!page.includes('faultline_peers_lost_total{why="slow"} 1')) await lost();
    };
    await lost();
    socket.destroy();
  });
});

async function welcomed(socket: Parameters<typeof readUntil>[0]): Promise<unknown> {
  return readUntil(socket, (text) => text.includes('connection_established'));
}

function revoke(redis: Redis, user: string, token: string): Promise<unknown> {
  return redis.set(`test:u:${user}:revoked:${token}`, '1', 'EX', 60);
}
