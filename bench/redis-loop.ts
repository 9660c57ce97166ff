import { Duplex } from 'node:stream';
import { Redis } from 'ioredis';

/**
 * The peer of a simulated run: the real ioredis on an in-memory connector that answers +OK to everything,
 * one command after the other, with nothing simulated at all. Commands a second.
 */
export async function bareRedisLoop(commands: number): Promise<number> {
  const redis = new Redis({
    Connector: OkConnector as never,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  await redis.connect();
  const started = performance.now();
  for (let i = 0; i < commands; i++) await redis.set('key', 'value');
  const rate = commands / ((performance.now() - started) / 1000);
  redis.disconnect();
  return rate;
}

class OkConnector {
  connect(): Promise<Duplex> {
    const stream: Duplex = new Duplex({
      read: () => {},
      write: (_chunk, _encoding, done) => {
        stream.push('+OK\r\n');
        done();
      },
    });
    return Promise.resolve(Object.assign(stream, { setNoDelay: () => stream, setKeepAlive: () => stream }));
  }

  disconnect(): void {}

  check(): boolean {
    return true;
  }
}
