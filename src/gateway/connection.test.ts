import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { pipelineConfig } from '../config.ts';
import type { ClientMessage } from '../messages.ts';
import { createMetrics } from '../metrics.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { Connection } from './connection.ts';
import { textsOf } from './frames.fixture.ts';
import { healthyGateway } from './gateway-parts.ts';
import { createHandshake } from './handshake.ts';
import { openable } from './test-pipeline.fixture.ts';

const ping = Buffer.from('{"type":"ping"}');

it('processes what came early only once it is ready, in order', async () => {
  const { connection, socket, sent, processed, ready } = opened();
  const opening = connection.open();
  for (let count = 0; count < 3; count++) socket.emit('message', ping, false);
  await Promise.resolve();
  expect([processed.length, sent]).toEqual([0, []]);
  ready.open();
  await opening;
  await new Promise((resolve) => setImmediate(resolve));
  expect(processed.length).toBe(3);
  await settled();
  expect(JSON.parse(sent[0] ?? '')).toMatchObject({
    type: 'connection_established',
    user_id: 'alice',
  });
});

it('closes with 1008 and the code at the 65th early message', () => {
  const { connection, socket } = opened();
  void connection.open();
  for (let count = 0; count < 64; count++) socket.emit('message', ping, false);
  expect(socket.closedWith).toBeNull();
  socket.emit('message', ping, false);
  expect(socket.closedWith).toEqual([1008, 'EARLY_MESSAGES_LIMIT']);
});

it('takes nothing more of what came early once that was too fast', async () => {
  const limits = { ...config.limits, messageBurst: 1, earlyMessages: 200 };
  const { connection, metrics, socket, processed, ready } = opened(true, undefined, undefined, {
    ...config,
    limits,
  });
  const opening = connection.open();
  const start = { type: 'start_agent', run_id: 'r', thread_id: 't', payload: { user_request: 'x' } };
  const refused = Array<Buffer>(101).fill(ping);
  for (const message of [ping, ...refused, Buffer.from(JSON.stringify(start))])
    socket.emit('message', message, false);
  ready.open();
  await opening;
  await settled();
  expect(socket.closedWith).toEqual([1008, 'RATE_LIMITED']);
  expect(processed).toHaveLength(1);
  // The last was not so much as looked at.
  expect(await metrics.registry.metrics()).toContain(`{code="RATE_LIMITED"} ${refused.length}\n`);
});

it('closes with 1008 and the code when more comes early than its bytes allow', () => {
  const { connection, socket } = opened();
  void connection.open();
  socket.emit('message', Buffer.alloc(10_000), false);
  expect(socket.closedWith).toBeNull();
  socket.emit('message', ping, false);
  expect(socket.closedWith).toEqual([1008, 'EARLY_MESSAGES_LIMIT']);
});

it('is not ready with a token that expired while it waited, and processes nothing of what came', async () => {
  const { connection, socket, sent, processed, ready, clock } = opened(true, undefined, 1_700_000_000_500);
  const opening = connection.open();
  socket.emit('message', ping, false);
  await clock.pass(500);
  ready.open();
  await opening;
  await settled();
  expect([socket.closedWith, sent, processed]).toEqual([[1008, 'AUTH_TOKEN_EXPIRED'], [], []]);
});

it('cuts a peer off that does not answer its close', async () => {
  const { connection, socket, clock } = opened();
  void connection.open();
  connection.close('INTERNAL');
  await clock.pass(1_999);
  expect([socket.closedWith, socket.isTerminated]).toEqual([[1011, 'INTERNAL'], false]);
  await clock.pass(1);
  expect(socket.isTerminated).toBe(true);
});

it('says nothing to a peer that left while it waited', async () => {
  const { connection, socket, sent, processed, ready } = opened();
  const opening = connection.open();
  socket.emit('message', ping, false);
  socket.emit('close');
  ready.open();
  await opening;
  await settled();
  expect([socket.closedWith, sent, processed]).toEqual([null, [], []]);
});

it('closes with 1013 and the code when what it needs does not get ready', async () => {
  const { connection, socket, sent, ready } = opened(false);
  const opening = connection.open();
  ready.open();
  await opening;
  expect([socket.closedWith, sent]).toEqual([[1013, 'SERVICE_NOT_READY'], []]);
});

it('takes what a peer confirmed before it left, though nothing else that waits', async () => {
  const store = openable();
  const { connection, socket, processed, ready } = opened(true, () => store.opened);
  ready.open();
  await connection.open();
  const start = { type: 'start_agent', run_id: 'r', thread_id: 't', payload: { user_request: 'x' } };
  const confirmation = { type: 'event_confirmation', run_id: 'r', sequence: 2 };
  for (const message of [{ ...confirmation, sequence: 1 }, start, confirmation, { type: 'ping' }])
    socket.emit('message', Buffer.from(JSON.stringify(message)), false);
  await settled();
  const before = [{ ...confirmation, sequence: 1 }, start];
  expect(processed).toEqual(before);
  socket.readyState = 3;
  socket.emit('close');
  expect(processed).toEqual([...before, confirmation]);
  store.open();
  await settled();
  expect(processed).toHaveLength(3);
});

it('takes one confirmation while the store is slow to keep the one before', async () => {
  const store = openable();
  const { connection, socket, processed, ready } = opened(true, () => store.opened);
  ready.open();
  await connection.open();
  const confirmations = [1, 2, 3].map((sequence) => ({ type: 'event_confirmation', run_id: 'r', sequence }));
  for (const message of confirmations) socket.emit('message', Buffer.from(JSON.stringify(message)), false);
  await settled();
  expect(processed).toEqual(confirmations);
});

describe('a connection that is not listened to, since its messages wait for the store', () => {
  it('is not taken for dead, and is listened to for a whole deadline once they are done', async () => {
    const store = openable();
    const { connection, socket, ready, clock } = opened(true, () => store.opened);
    ready.open();
    await connection.open();
    for (let count = 0; count < 65; count++) socket.emit('message', ping, false);
    expect(socket.isPaused).toBe(true);
    await clock.pass(beatMs - 1);
    expect(socket.isTerminated).toBe(false);
    store.open();
    await settled();
    expect(socket.isPaused).toBe(false);
    await clock.pass(config.timeouts.heartbeatMs + config.timeouts.heartbeatDeadlineMs / 2);
    expect(socket.isTerminated).toBe(false);
    await clock.pass(config.timeouts.heartbeatDeadlineMs);
    expect(socket.isTerminated).toBe(true);
  });

  it('is bounded by the bytes of its messages, too', async () => {
    const store = openable();
    const { connection, socket, ready } = opened(true, () => store.opened);
    ready.open();
    await connection.open();
    const large = Buffer.from(`{"type":"ping"${' '.repeat(100_000)}}`);
    for (let count = 0; count < 3; count++) socket.emit('message', large, false);
    // The first is being processed.
    expect(socket.isPaused).toBe(false);
    socket.emit('message', large, false);
    expect(socket.isPaused).toBe(true);
    store.open();
    await settled();
    expect(socket.isPaused).toBe(false);
  });

  it('is let go where it does not read either', async () => {
    const { connection, socket, ready, clock } = opened(true, () => new Promise(() => {}));
    ready.open();
    await connection.open();
    for (let count = 0; count < 65; count++) socket.emit('message', ping, false);
    socket.bufferedAmount = 1;
    await clock.pass(beatMs);
    expect([socket.isPaused, socket.isTerminated]).toEqual([true, true]);
  });
});

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  closedWith: [number, string] | null = null;
  isTerminated = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  ping(): void {}

  terminate(): void {
    this.isTerminated = true;
  }

  close(code: number, reason: string): void {
    this.closedWith = [code, reason];
    this.readyState = 2;
  }
}

const config = pipelineConfig.parse({
  jwt: { secret: 's'.repeat(32), audience: 'tests' },
  model: { url: 'http://127.0.0.1:9', name: 'none' },
});
/** From one ping to the end of the wait for its answer. */
const beatMs = config.timeouts.heartbeatMs + config.timeouts.heartbeatDeadlineMs;

function opened(
  getsReady = true,
  work: () => Promise<void> = async () => {},
  expiresAt = Number.POSITIVE_INFINITY,
  bounds = config,
) {
  const ready = openable();
  const socket = new FakeSocket();
  const stream = new PassThrough();
  const processed: ClientMessage[] = [];
  const clock = new ManualClock();
  const metrics = createMetrics(() => 0);
  const handshake = createHandshake<string | null>({ messages: bounds.limits.earlyMessages, bytes: 10_000 });
  handshake.enter('front_passed');
  handshake.enter('token_passed');
  const connection = new Connection({
    socket: socket as unknown as WebSocket,
    stream,
    identity: { userId: 'alice', expiresAt },
    handshake,
    parts: healthyGateway,
    config: bounds,
    clock,
    ids: { next: (kind) => `${kind}_1` },
    metrics,
    log: pino({ level: 'silent' }),
    session: async (_outlet, message) => {
      processed.push(message);
      await work();
    },
    servicesReady: async () => {
      await ready.opened;
      return getsReady;
    },
    recheck: async () => {},
    onReady: () => {},
    onClose: () => {},
  });
  return { connection, metrics, socket, sent: textsOf(stream), processed, ready, clock };
}
