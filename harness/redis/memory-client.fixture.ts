import { Duplex } from 'node:stream';
import { Redis, type RedisOptions } from 'ioredis';
import { RedisConnection } from './connection.ts';
import type { SimulatedRedis } from './server.ts';

/** The real ioredis client on a simulated Redis, without a socket. */
export function clientOf(redis: SimulatedRedis, options: RedisOptions = {}): Redis {
  return new Redis({
    ...options,
    disableClientInfo: true,
    Connector: connectorTo(redis),
  });
}

function connectorTo(redis: SimulatedRedis): NonNullable<RedisOptions['Connector']> {
  return class {
    connecting = false;
    #stream: Duplex | null = null;

    check(): boolean {
      return true;
    }

    async connect(): Promise<never> {
      this.#stream = memoryStream(redis);
      // ioredis asks for a net.Socket and uses of it what a Duplex has.
      return this.#stream as never;
    }

    disconnect(): void {
      this.#stream?.end();
    }
  } as unknown as NonNullable<RedisOptions['Connector']>;
}

function memoryStream(redis: SimulatedRedis): Duplex {
  const connection = new RedisConnection(
    redis,
    (bytes) => stream.push(bytes),
    () => stream.push(null),
  );
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      connection.bytes(chunk);
      done();
    },
    final: (done) => {
      connection.close();
      done();
    },
  });
  return Object.assign(stream, {
    setKeepAlive: () => stream,
    setNoDelay: () => stream,
    setTimeout: () => stream,
  });
}
