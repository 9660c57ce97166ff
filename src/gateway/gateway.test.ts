import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redisForTests } from '../delivery/redis-for-tests.fixture.ts';
import { type RedisServer, redisMissing, startRedisServer } from '../delivery/redis-server.fixture.ts';
import {
  dial,
  frame,
  handshake,
  protocols,
  readUntil,
  upgradeRequest,
  withToken,
} from './raw-upgrade.fixture.ts';
import {
  countingSupervisor,
  openable,
  startTestPipeline,
  TestClient,
  type TestPipeline,
  tokenFor,
} from './test-pipeline.fixture.ts';
import { testPipelinesOn } from './test-pipelines.fixture.ts';

describe('the front of the gateway', () => {
  let server: RedisServer;
  let pipeline: TestPipeline;

  beforeAll(async () => {
    if (redisMissing !== null) return;
    server = await startRedisServer();
    pipeline = await startTestPipeline({
      redisPort: server.port,
      config: {
        limits: {
          messageBytes: 20_000,
          connectionsPerUser: 2,
          messagesPerSecond: 1,
          messageBurst: 80,
        },
        timeouts: { handshakeMs: 500 },
      },
    });
  });
  beforeEach((context) => {
    if (redisMissing !== null) context.skip(redisMissing);
  });
  afterAll(async () => {
    await pipeline?.close();
    await server?.stop();
  });

  const valid = (): string => `agent.v1, jwt.${tokenFor('alice')}`;

  it.each([
    ['no token', () => ({ 'Sec-WebSocket-Protocol': 'agent.v1' }), 401, 'AUTH_TOKEN_MISSING'],
    ['no JWT', () => protocols('agent.v1, jwt.what'), 401, 'AUTH_TOKEN_MALFORMED'],
    ['an expired token', () => withToken(tokenFor('alice', { exp: 1_000 })), 401, 'AUTH_TOKEN_EXPIRED'],
    ['no expiry', () => withToken(tokenFor('alice', { exp: undefined })), 401, 'AUTH_TOKEN_INVALID'],
    [
      'another key',
      () => withToken(tokenFor('alice', {}, { key: 'k'.repeat(40) })),
      401,
      'AUTH_TOKEN_INVALID',
    ],
    ['algorithm none', () => withToken(tokenFor('alice', {}, { alg: 'none' })), 401, 'AUTH_TOKEN_INVALID'],
    ['another audience', () => withToken(tokenFor('alice', { aud: 'x' })), 401, 'AUTH_TOKEN_INVALID'],
    ['a user that is no id', () => withToken(tokenFor('a:b')), 401, 'AUTH_TOKEN_INVALID'],
    ['no subprotocol of ours', () => protocols(`jwt.${tokenFor('alice')}`), 400, 'SUBPROTOCOL_REFUSED'],
    [
      'a foreign origin',
      () => ({ ...protocols(valid()), Origin: 'https://evil.example' }),
      403,
      'ORIGIN_REFUSED',
    ],
    ['origin null', () => ({ ...protocols(valid()), Origin: 'null' }), 403, 'ORIGIN_REFUSED'],
    [
      'a look-alike origin',
      () => ({ ...protocols(valid()), Origin: 'https://app.example.com.evil.example' }),
      403,
      'ORIGIN_REFUSED',
    ],
    [
      'an origin of another port',
      () => ({ ...protocols(valid()), Origin: 'https://app.example.com:444' }),
      403,
      'ORIGIN_REFUSED',
    ],
    [
      'a broken upgrade',
      () => ({ ...protocols(valid()), 'Sec-WebSocket-Key': 'short' }),
      400,
      'MESSAGE_MALFORMED',
    ],
  ])('refuses %s before the 101, with its own code', async (_what, headers, status, code) => {
    const answer = await handshake(pipeline, headers());
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(`${head}\r\n`).toContain(`X-Faultline-Code: ${code}\r\n`);
    expect(JSON.parse(body)).toEqual({
      code,
      message: expect.any(String),
      retry: expect.any(String),
      remedy: expect.any(String),
      correlation_id: expect.stringMatching(/^corr_/),
    });
    expect(pipeline.lines.join()).toContain((JSON.parse(body) as { correlation_id: string }).correlation_id);
  });

  it('lets an allowed origin in, and echoes agent.v1 and never the token, in whatever order', async () => {
    const token = tokenFor('alice');
    const answer = await handshake(pipeline, {
      'Sec-WebSocket-Protocol': `jwt.${token}, agent.v1`,
      Origin: 'https://app.example.com',
    });
    expect(answer).toContain('HTTP/1.1 101 ');
    expect(answer).toContain('Sec-WebSocket-Protocol: agent.v1\r\n');
    expect(answer).not.toContain(token.slice(0, 20));
    expect(pipeline.lines.join()).not.toContain(token.split('.')[2]);
  });

  it('takes the token in the Authorization header', async () => {
    const answer = await handshake(pipeline, {
      ...protocols('agent.v1'),
      Authorization: `Bearer ${tokenFor('alice')}`,
    });
    expect(answer).toContain('HTTP/1.1 101 ');
  });

  it('takes frames that came in the packet of the upgrade, after connection_established', async () => {
    const socket = await dial(pipeline);
    socket.write(
      Buffer.concat([
        upgradeRequest(pipeline, protocols(valid())),
        frame(JSON.stringify({ type: 'ping' })),
        frame(JSON.stringify({ type: 'ping' })),
      ]),
    );
    const seen = await readUntil(socket, (text) => text.split('"pong"').length > 2);
    expect(seen.indexOf('101')).toBeLessThan(seen.indexOf('connection_established'));
    expect(seen.indexOf('connection_established')).toBeLessThan(seen.indexOf('pong'));
    socket.destroy();
  });

  it('survives a reset during authentication', async () => {
    for (let round = 0; round < 20; round++) {
      const socket = await dial(pipeline);
      socket.write(upgradeRequest(pipeline, protocols(valid())));
      socket.resetAndDestroy();
    }
    expect((await fetch(`${pipeline.url}/health`)).status).toBe(200);
  });

  it('lets go of a connection that never says what it wants', async () => {
    const socket = await dial(pipeline);
    socket.write('GET /ws HTTP/1.1\r\nHost:');
    socket.on('data', () => {});
    await once(socket, 'close');
  });

  it('bounds the connections of a user, and no other user pays for it', async () => {
    const clients = [await TestClient.open(pipeline, 'carol'), await TestClient.open(pipeline, 'carol')];
    const answer = await handshake(pipeline, withToken(tokenFor('carol')));
    expect(answer).toContain('HTTP/1.1 429 ');
    expect(answer).toContain('X-Faultline-Code: CONNECTION_LIMIT');
    const dave = await TestClient.open(pipeline, 'dave');
    await Promise.all([...clients, dave].map((client) => client.leave()));
  });

  it.each([
    ['what is not JSON', 'hello', undefined],
    ['an array', '[]', undefined],
    ['an unknown type', '{"type":"user_message","payload":{}}', undefined],
    ['an unknown field', '{"type":"ping","extra":1}', undefined],
    ['a field that reaches a prototype', '{"type":"ping","__proto__":{"a":1}}', undefined],
    ['deep nesting', `{"type":"ping","a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, undefined],
    ['a run id with a colon', '{"type":"resume","run_id":"a:b","after":0}', undefined],
    ['a start without a request', '{"type":"start_agent","run_id":"run-1","thread_id":"t"}', 'run-1'],
  ])('answers %s with a code and lives on', async (_what, text, run) => {
    const client = await TestClient.open(pipeline, 'erin');
    client.send(text);
    const error = await client.until(({ type }) => type === 'error');
    expect(error).toMatchObject({
      code: 'MESSAGE_MALFORMED',
      correlation_id: expect.stringMatching(/^corr_/),
    });
    expect(error.run_id).toBe(run);
    client.send({ type: 'ping' });
    await client.until(({ type }) => type === 'pong');
    await client.leave();
  });

  it('refuses a context that does not pass its checks, naming the check and the field', async () => {
    const client = await TestClient.open(pipeline, 'erin');
    client.start('placeholder');
    expect(await client.until(({ type }) => type === 'error')).toMatchObject({
      code: 'CONTEXT_INVALID',
      run_id: 'placeholder',
      message: expect.stringContaining('no-placeholder-word: runId'),
    });
    await client.leave();
  });

  it('closes with 1009 for a frame over the limit', async () => {
    const client = await TestClient.open(pipeline, 'frank');
    client.send('x'.repeat(20_001));
    expect(await client.gone()).toMatchObject({ code: 1009 });
  });

  it('says so when messages come too fast, and lets go of a client that does not listen', async () => {
    const client = await TestClient.open(pipeline, 'grace');
    for (let count = 0; count < 300; count++) client.send({ type: 'ping' });
    expect(await client.until(({ type }) => type === 'error')).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await client.gone()).toEqual({ code: 1008, reason: 'RATE_LIMITED' });
    expect(client.seen.filter(({ type }) => type === 'pong').length).toBeLessThanOrEqual(80);
  });

  it('closes a connection whose token has ended, at its next message', async () => {
    const client = new TestClient(
      pipeline.webSocketUrl,
      tokenFor('heidi', { exp: Math.floor(Date.now() / 1000) + 1 }),
    );
    await client.until(({ type }) => type === 'connection_established');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    client.send({ type: 'ping' });
    expect(await client.gone()).toEqual({ code: 1008, reason: 'AUTH_TOKEN_EXPIRED' });
  });

  it('answers unknown paths', async () => {
    for (const request of [
      fetch(`${pipeline.url}/nothing`),
      fetch(`${pipeline.url}/health`, { method: 'POST' }),
      fetch(`${pipeline.url}/runs`),
    ]) {
      const { status, headers } = await request;
      expect([status, headers.get('x-faultline-code')]).toEqual([404, 'PATH_UNKNOWN']);
    }
  });
});

describe('peers that do not answer or read', () => {
  const startAs = testPipelinesOn(redisForTests());

  it('lets a frozen peer go at the deadline, and no quiet living one', async () => {
    const gate = openable();
    const pipeline = await startAs({
      supervisor: countingSupervisor(() => gate.opened),
      config: { timeouts: { heartbeatMs: 50, heartbeatDeadlineMs: 100 } },
    });
    const living = await TestClient.open(pipeline, 'alice');
    const frozen = await TestClient.open(pipeline, 'bob');
    frozen.socket.pause();
    living.start('run-1', '1');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await (await fetch(`${pipeline.url}/metrics`)).text()).toContain(
      'faultline_peers_lost_total{why="silent"} 1',
    );
    gate.open();
    expect(await living.end('run-1')).toMatchObject({ type: 'run_completed' });
    frozen.socket.resume();
    expect((await frozen.gone()).code).toBe(1006);
  });

  it('takes no living peer for dead where its own event loop was busy for longer than the deadline', async () => {
    const pipeline = await startAs({
      config: { timeouts: { heartbeatMs: 40, heartbeatDeadlineMs: 40 } },
    });
    // A thread of its own answers pings while this one cannot read the answers.
    const peer = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const { WebSocket } = require('ws');
       const socket = new WebSocket(workerData.url, ['agent.v1', 'jwt.' + workerData.token]);
       socket.on('message', () => parentPort.postMessage('welcome'));
       socket.on('ping', () => parentPort.postMessage('ping'));`,
      { eval: true, workerData: { url: pipeline.webSocketUrl, token: tokenFor('alice') } },
    );
    const told = async (what: string): Promise<void> => {
      for await (const [message] of on(peer, 'message')) if (message === what) return;
    };
    await told('welcome');
    await told('ping');
    for (let round = 0; round < 3; round++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      await told('ping');
    }
    const page = await (await fetch(`${pipeline.url}/metrics`)).text();
    expect(page).toContain('faultline_connections_open 1');
    expect(page).not.toContain('faultline_peers_lost_total{why="silent"}');
    await peer.terminate();
  });

  it('bounds what waits for a reader that is too slow', async () => {
    const pipeline = await startAs({
      supervisor: {
        run: async (_context, means) => {
          for (let step = 1; step <= 200; step++)
            await means.emit('agent_thinking', 'triage', {
              status: 'thinking',
              reasoning: 'x'.repeat(200_000),
              step_number: step,
            });
        },
      },
      config: { timeouts: { slowReaderMs: 200 } },
    });
    const slow = await TestClient.open(pipeline, 'alice');
    slow.socket.pause();
    slow.start('run-2');
    const lost = async (): Promise<void> => {
      const page = await (await fetch(`${pipeline.url}/metrics`)).text();
      if (!page.includes('faultline_peers_lost_total{why="slow"} 1')) await lost();
    };
    await lost();
    slow.socket.terminate();
  });
});
