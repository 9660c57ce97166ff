import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../adapters/system-clock.ts';
import type { RedisPort } from '../ports.ts';
import { createStore, type Store } from './store.ts';

let server: Server;
let store: Store;
afterEach(async () => {
  await store.close();
  await new Promise((resolve) => server.close(resolve));
});

it('does not send a command again whose time was up, and is well again after it', async () => {
  const stalled: string[] = [];
  await startOn(
    stallingServer((key) => stalled.push(key)),
    { commandMs: 250, silenceMs: 100 },
  );
  await expect(store.redis.get('stalls')).rejects.toThrow();
  const sent = stalled.length;
  expect(sent).toBeGreaterThan(0);
  expect(await store.whenReady(1_000)).toBe(true);
  await expect.poll(() => store.answers(), { timeout: 2_000 }).toBe(true);
  expect(stalled).toHaveLength(sent);
});

it('sends no DEL again whose answer was lost with its connection', async () => {
  let deleted = 0;
  const losing = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      if (!/\bdel\b/i.test(bytes.toString())) return socket.write('+PONG\r\n');
      deleted += 1;
      return socket.destroy();
    });
  });
  await startOn(losing, patient);
  await expect(store.redis.del('place')).rejects.toThrow('The connection was lost');
  expect(await store.answers()).toBe(true);
  expect(deleted).toBe(1);
});

it('writes at once what was asked for in one turn, also in several ticks of it', async () => {
  const writes: number[] = [];
  const counting = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const pings = bytes.toString().toLowerCase().split('ping').length - 1;
      writes.push(pings);
      socket.write('+PONG\r\n'.repeat(pings));
    });
  });
  const due: (() => void)[] = [];
  await startOn(counting, patient, { atEndOfTurn: (write) => void due.push(write) });
  const first = store.redis.ping();
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const second = store.redis.ping();
  expect(due).toHaveLength(1);
  due.forEach((write) => {
    write();
  });
  expect(await Promise.all([first, second])).toEqual(['PONG', 'PONG']);
  expect(writes).toEqual([2]);
});

/** Answers PING; a GET stalls its connection for good. */
function stallingServer(onStall: (key: string) => void): Server {
  return createServer((socket) => {
    let stalls = false;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const words = bytes
        .toString()
        .split('\r\n')
        .map((word) => word.toLowerCase());
      const get = words.indexOf('get');
      if (get !== -1) {
        stalls = true;
        onStall(words[get + 2] ?? '');
      }
      if (!stalls) socket.write('+PONG\r\n'.repeat(words.filter((word) => word === 'ping').length));
    });
  });
}

const patient = { commandMs: 1_000, silenceMs: 500 };

/** Starts the store of this test on a server that stands in for Redis. */
async function startOn(
  standIn: Server,
  bounds: { readonly commandMs: number; readonly silenceMs: number },
  how: Pick<RedisPort, 'atEndOfTurn'> = {},
): Promise<void> {
  server = standIn;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  store = createStore(
    { options: { host: '127.0.0.1', port, enableReadyCheck: false }, keyPrefix: '', ...how },
    { clock: systemClock, ...bounds, onError: () => {}, onReady: () => {} },
  );
  await store.start();
}
