import { createServer, type Socket } from 'node:net';
import { HarnessError } from '../errors.ts';
import { RedisConnection } from './connection.ts';
import { SimulatedRedis } from './server.ts';

export interface EmbeddedRedis {
  readonly host: string;
  readonly port: number;
  /** Has no memory left, or takes no writes, from now on; or is well again. */
  ail(how: 'full' | 'readOnly', on: boolean): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** What one connection may have sent that is not carried out yet; a longer command ends it. */
const inputBytesMax = 64 * 1024 * 1024;
/** So much may wait behind a blocking command, or to be read by the client, before reading stops. */
const backlogBytesMax = 1024 * 1024;
const sweepEveryMs = 1000;
/** The longest that a timer can take. */
const timerMsMax = 2 ** 31 - 1;

/**
 * The simulated Redis behind a TCP port of this machine, with the wall's clock: for machines without any
 * Redis. `port` 0 or none: a free one. Rejects with a HarnessError where the port is taken.
 */
export async function startEmbeddedRedis(options: { readonly port?: number } = {}): Promise<EmbeddedRedis> {
  const host = '127.0.0.1';
  const redis = new SimulatedRedis({ now: Date.now, schedule: onTimer });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(redis, socket);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(options.port ?? 0, cause)));
    server.listen(options.port ?? 0, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const sweeping = setInterval(() => redis.sweep(), sweepEveryMs);
  sweeping.unref();
  return {
    host,
    port,
    ail: (how, on) => {
      redis[how] = on;
    },
    close: async () => {
      clearInterval(sweeping);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(redis: SimulatedRedis, socket: Socket): void {
  socket.setNoDelay(true);
  const connection = new RedisConnection(
    redis,
    (bytes) => {
      socket.write(bytes);
      flow();
    },
    () => socket.end(),
  );
  /** Nothing more is read from a client that sends without reading, or far ahead of what it waits for. */
  const flow = (): void => {
    const ahead = connection.waiting && connection.pendingBytes > backlogBytesMax;
    if (ahead || socket.writableLength > backlogBytesMax) socket.pause();
    else if (socket.isPaused()) socket.resume();
  };
  socket.on('data', (chunk: Buffer) => {
    socket.cork();
    connection.bytes(chunk);
    socket.uncork();
    flow();
    if (connection.pendingBytes > inputBytesMax) socket.destroy();
  });
  socket.on('drain', flow);
  socket.on('error', () => connection.close());
  socket.on('close', () => connection.close());
}

function onTimer(atMs: number, run: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const left = atMs - Date.now();
    timer = setTimeout(left > timerMsMax ? arm : run, Math.max(0, Math.min(left, timerMsMax)));
  };
  arm();
  return () => clearTimeout(timer);
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): HarnessError {
  return new HarnessError(
    'environment',
    `The embedded Redis cannot listen on port ${port} (${cause.code ?? cause.message}).`,
    'Free the port, or give none to take any free one.',
    cause,
  );
}
