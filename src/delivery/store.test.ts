import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createStore, type Store } from './store.ts';

let server: Server;
let store: Store;
afterEach(async () => {
  await store.close();
  await new Promise((resolve) => server.close(resolve));
});

it('does not send a command again whose time was up, and is well again after it', async () => {
  const stalled: string[] = [];
  const port = await stallingServer((key) => stalled.push(key));
  store = createStore(
    { options: { host: '127.0.0.1', port, enableReadyCheck: false }, keyPrefix: '' },
    {
      clock: systemClock,
      commandMs: 250,
      silenceMs: 100,
      onError: () => {},
      onReady: () => {},
    },
  );
  await store.start();
  await expect(store.redis.get('stalls')).rejects.toThrow();
  const sent = stalled.length;
  expect(sent).toBeGreaterThan(0);
  expect(await store.whenReady(1_000)).toBe(true);
  await expect.poll(() => store.answers(), { timeout: 2_000 }).toBe(true);
  expect(stalled).toHaveLength(sent);
});

/** Answers PING; a GET stalls its connection for good. */
async function stallingServer(onStall: (key: string) => void): Promise<number> {
  server = createServer((socket) => {
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const systemClock = {
  now: () => Date.now(),
  after: (ms: number, go: () => void) => {
    const timer = setTimeout(go, ms);
    return () => clearTimeout(timer);
  },
};
