import { beforeEach, describe, expect, it } from 'vitest';
import { redisForTests } from '../delivery/redis-for-tests.fixture.ts';
import { dial, frame, good, readUntil, upgradeRequest, wayOutOf } from './raw-upgrade.fixture.ts';
import { TestClient, type TestPipeline } from './test-pipeline.fixture.ts';
import { testPipelinesOn } from './test-pipelines.fixture.ts';

const ping = frame('{"type":"ping"}');
const start = (run: string): Buffer =>
  frame(`{"type":"start_agent","run_id":"${run}","thread_id":"t","payload":{"user_request":"2"}}`);

const store = redisForTests();
const startAs = testPipelinesOn(store);
let pipeline: TestPipeline;

beforeEach(async () => {
  pipeline = await startAs({
    config: { timeouts: { handshakeMs: 5_000, redisCommandMs: 5_000, redisSilenceMs: 5_000 } },
  });
});

/** What asks whether a token was revoked waits for the store: authentication is as slow as the store is. */
async function whileAuthenticating<T>(during: () => Promise<T>): Promise<T> {
  store.server.freeze();
  try {
    return await during();
  } finally {
    store.server.thaw();
  }
}

/** The next turn of the gateway's own event loop has seen what was sent. */
async function seen(): Promise<void> {
  for (let round = 0; round < 10; round++)
    await fetch(`${pipeline.url}/health`).then((answer) => answer.text());
}

describe('a handshake', () => {
  it('takes an upgrade that comes byte by byte, with frames right behind it', async () => {
    const socket = await dial(pipeline);
    socket.setNoDelay(true);
    const answers = readUntil(socket, (text) => text.includes('"pong"'));
    for (const byte of Buffer.concat([upgradeRequest(pipeline, good()), ping])) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const text = await answers;
    expect(text.indexOf('connection_established')).toBeGreaterThan(text.indexOf('HTTP/1.1 101'));
    expect(text.indexOf('pong')).toBeGreaterThan(text.indexOf('connection_established'));
    socket.destroy();
  });

  it('processes nothing while authentication is slow, and everything in order when it is done', async () => {
    const socket = await dial(pipeline);
    const answers = readUntil(socket, (text) => text.includes('run_completed'));
    await whileAuthenticating(async () => {
      socket.write(upgradeRequest(pipeline, good('alice', { jti: 'slow-1' })));
      await seen();
      socket.write(Buffer.concat([ping, start('run-1')]));
      await seen();
      expect(socket.bytesRead).toBe(0);
    });
    const text = await answers;
    const at = ['connection_established', 'pong', 'run_accepted', 'run_completed'].map((word) =>
      text.indexOf(word),
    );
    expect(at.every((place) => place > 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    socket.destroy();
  });

  it.each(['FIN', 'RST'])(
    'lets a client go that leaves by %s while it is authenticated, and starts nothing',
    async (how) => {
      const socket = await dial(pipeline);
      await whileAuthenticating(async () => {
        socket.write(
          Buffer.concat([
            upgradeRequest(pipeline, good('alice', { jti: `left-${how}` })),
            start(`run-${how}`),
          ]),
        );
        await seen();
        if (how === 'FIN') socket.end();
        else socket.resetAndDestroy();
        await seen();
      });
      // The store is asked after the handshake would have been: had it gone on, its run would be there.
      const other = await TestClient.open(pipeline, 'bob');
      other.start(`after-${how}`, '1');
      await other.end(`after-${how}`);
      const page = await (await fetch(`${pipeline.url}/metrics`)).text();
      expect(page).toContain('faultline_connections_open 1');
      expect(await store.redis.exists(`test:u:alice:r:run-${how}:delivery`)).toBe(0);
      await other.leave();
    },
  );

  it('serves two connections of one user that come at once, each with its own run', async () => {
    const clients = await Promise.all([
      TestClient.open(pipeline, 'carol'),
      TestClient.open(pipeline, 'carol'),
    ]);
    for (const [index, client] of clients.entries()) client.start(`two-${index}`, '2');
    for (const [index, client] of clients.entries()) {
      await client.end(`two-${index}`);
      expect(client.sequences(`two-${1 - index}`)).toEqual([]);
      await client.leave();
    }
  });

  it('does not let two upgrades at once past the bound of one user', async () => {
    const bounded = await startAs({
      config: { limits: { connectionsPerUser: 1 } },
    });
    const upgrade = upgradeRequest(bounded, good('dave'));
    const close = frame('\u0003\u00e8', 0x88);
    // The accepted one stays until all are answered: had it left before, its place would be free for a later one.
    let unanswered = 3;
    let allAnswered = (): void => {};
    const untilAllAreAnswered = new Promise<void>((resolve) => {
      allAnswered = resolve;
    });
    const outs = await Promise.all(
      [1, 2, 3].map(() =>
        wayOutOf(bounded, [
          upgrade,
          async (socket) => {
            await readUntil(socket, (text) => text !== '');
            unanswered -= 1;
            if (unanswered === 0) allAnswered();
            await untilAllAreAnswered;
          },
          close,
        ]),
      ),
    );
    expect(outs.filter(([status]) => status === 429)).toEqual([
      [429, 'CONNECTION_LIMIT'],
      [429, 'CONNECTION_LIMIT'],
    ]);
  });
});

describe('a cursor', () => {
  it('beyond the end, of an unknown run or of another user is refused by name', async () => {
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('cursor-1', '2');
    await alice.end('cursor-1');
    alice.send({ type: 'resume', run_id: 'cursor-1', after: 1_000 });
    alice.send({ type: 'resume', run_id: 'cursor-2', after: 0 });
    const mallory = await TestClient.open(pipeline, 'mallory');
    mallory.send({ type: 'resume', run_id: 'cursor-1', after: 0 });
    expect(await mallory.until(({ type }) => type === 'error')).toMatchObject({
      code: 'RUN_UNKNOWN',
      run_id: 'cursor-1',
    });
    expect(mallory.sequences('cursor-1')).toEqual([]);
    const fresh = await TestClient.open(pipeline, 'alice');
    fresh.send({ type: 'resume', run_id: 'cursor-1', after: 1_000 });
    expect(await fresh.until(({ type }) => type === 'error')).toMatchObject({
      code: 'MESSAGE_MALFORMED',
      run_id: 'cursor-1',
    });
    expect(await alice.until(({ type, run_id }) => type === 'error' && run_id === 'cursor-2')).toMatchObject({
      code: 'RUN_UNKNOWN',
    });
    await Promise.all([alice, mallory, fresh].map((client) => client.leave()));
  });

  it('that points to what has expired is answered with what is left', async () => {
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('cursor-3', '3');
    await alice.end('cursor-3');
    await store.redis.xdel('test:u:alice:r:cursor-3:events', '1-0', '2-0');
    const late = await TestClient.open(pipeline, 'alice');
    late.send({ type: 'resume', run_id: 'cursor-3', after: 0 });
    expect(await late.until(({ type }) => type === 'events_lost')).toMatchObject({
      after: 0,
      available_from: 3,
    });
    await late.end('cursor-3');
    expect(late.sequences('cursor-3')).toEqual([3, 4]);
    await Promise.all([alice.leave(), late.leave()]);
  });
});

describe('what is meant to do harm', () => {
  it('200 sockets that drip do not keep a good client waiting until the first of them is let go', async () => {
    const dripping = await Promise.all(Array.from({ length: 200 }, () => dial(pipeline)));
    for (const socket of dripping) socket.write('GET /ws HTTP/1.1\r\nHost: a');
    let letGo = 0;
    for (const socket of dripping) socket.on('close', () => letGo++);
    const client = await TestClient.open(pipeline, 'erin');
    client.start('run-1', '3');
    await client.end('run-1');
    expect(letGo).toBe(0);
    for (const socket of dripping) socket.destroy();
    await client.leave();
  });

  it.each([
    ['a compressed frame, whatever it would unpack to', () => [frame('\u0000', 0xc1)], 1002],
    ['100,000 tiny pieces of one message', () => [tinyPieces(100_000)], 1008],
    ['text that is no UTF-8', () => [Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])], 1007],
    ['a frame without a mask', () => [Buffer.from([0x81, 0x01, 0x61])], 1002],
  ])('%s: the connection goes, and says why', async (_what, frames, code) => {
    expect(await wayOutOf(pipeline, [upgradeRequest(pipeline, good()), ...frames()])).toEqual([
      code,
      'FRAME_INVALID',
    ]);
  });

  it('depth 20,000: refused, and the connection lives on', async () => {
    const client = await TestClient.open(pipeline, 'erin');
    client.send(`{"type":"ping","a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    client.send({ type: 'ping' });
    await client.until(({ type }) => type === 'pong');
    expect(client.seen.find(({ type }) => type === 'error')).toMatchObject({ code: 'MESSAGE_MALFORMED' });
    await client.leave();
  });
});

function tinyPieces(count: number): Buffer {
  return Buffer.concat([frame('a', 0x01), ...Array<Buffer>(count).fill(frame('a', 0x00))]);
}
