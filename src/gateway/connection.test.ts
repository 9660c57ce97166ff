import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { pipelineConfig } from '../config.ts';
import type { ClientMessage } from '../messages.ts';
import { createMetrics } from '../metrics.ts';
import { Connection } from './connection.ts';
import { Handshake } from './handshake.ts';
import { openable } from './test-pipeline.fixture.ts';

const ping = Buffer.from('{"type":"ping"}');

it('processes what came early only once it is ready, in order', async () => {
  const { connection, socket, processed, ready } = opened();
  const opening = connection.open();
  for (let count = 0; count < 3; count++) socket.emit('message', ping, false);
  await Promise.resolve();
  expect([processed.length, socket.sent]).toEqual([0, []]);
  ready.open();
  await opening;
  await new Promise((resolve) => setImmediate(resolve));
  expect(processed.length).toBe(3);
  expect(JSON.parse(socket.sent[0] ?? '')).toMatchObject({
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
  expect(socket.closedWith).toEqual([1008, 'CONNECTION_LIMIT']);
});

it('closes with 1013 and the code when what it needs does not get ready', async () => {
  const { connection, socket, ready } = opened(false);
  const opening = connection.open();
  ready.open();
  await opening;
  expect([socket.closedWith, socket.sent]).toEqual([[1013, 'SERVICE_NOT_READY'], []]);
});

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  readonly sent: string[] = [];
  closedWith: [number, string] | null = null;

  send(text: string): void {
    this.sent.push(text);
  }

  close(code: number, reason: string): void {
    this.closedWith = [code, reason];
    this.readyState = 2;
  }
}

function opened(getsReady = true) {
  const ready = openable();
  const socket = new FakeSocket();
  const processed: ClientMessage[] = [];
  const handshake = new Handshake<string | null>(64);
  handshake.enter('authenticated');
  const connection = new Connection({
    socket: socket as unknown as WebSocket,
    identity: { userId: 'alice', expiresAt: Number.POSITIVE_INFINITY },
    handshake,
    config: pipelineConfig.parse({
      jwt: { secret: 's'.repeat(32), audience: 'tests' },
      model: { url: 'http://127.0.0.1:9', name: 'none' },
    }),
    clock: { now: () => 0, after: () => () => {} },
    ids: { next: (kind) => `${kind}_1` },
    metrics: createMetrics(() => 0),
    log: pino({ level: 'silent' }),
    session: async (_outlet, message) => {
      processed.push(message);
    },
    prepare: async () => {
      await ready.opened;
      return getsReady;
    },
    onClose: () => {},
  });
  return { connection, socket, processed, ready };
}
