import { type Command, Redis } from 'ioredis';
import { PipelineError } from '../errors.ts';
import type { Cancel, Clock, RedisPort } from '../ports.ts';

/** The pipeline's one connection to Redis. */
export interface Store {
  readonly redis: Redis;
  /** Connects and asks for a sign of life. Rejects with STORE_UNAVAILABLE. */
  start(): Promise<void>;
  /** Resolves when commands can be sent, false when that takes longer than `ms`. */
  whenReady(ms: number): Promise<boolean>;
  /** Whether Redis answers now. */
  answers(): Promise<boolean>;
  /** Resolves when the connection is gone. */
  close(): Promise<void>;
}

/** Milliseconds before the first reconnect; doubled each time, without jitter (there is one connection). */
const reconnectFirstMs = 50;
const reconnectMostMs = 1_000;
/** How long Redis may take to see the connection off. */
const goodbyeMs = 1_000;

export function createStore(
  port: RedisPort,
  options: {
    readonly clock: Clock;
    readonly commandMs: number;
    readonly silenceMs: number;
    /** Connection errors: there is no caller to tell. */
    readonly onError: (error: Error) => void;
    /** Commands can be sent, for the first time or again. */
    readonly onReady: () => void;
  },
): Store {
  const redis = new ForgetfulRedis({
    // A command waits for a reconnect as long as `commandTimeout` lets it: its caller counts time, not tries.
    maxRetriesPerRequest: null,
    commandTimeout: options.commandMs,
    // A connection that is only half there looks like silence: replaced before its commands run out of time.
    socketTimeout: options.silenceMs,
    connectTimeout: options.commandMs,
    disconnectTimeout: goodbyeMs / 2,
    ...port.options,
    lazyConnect: true,
    // It reads ioredis' own package.json from disk on every connect.
    disableClientInfo: true,
    retryStrategy: (times) => Math.min(reconnectFirstMs * 2 ** Math.min(times - 1, 10), reconnectMostMs),
  });
  let lastError = 'no answer';
  redis.on('error', (error) => {
    lastError = causeOf(error);
    options.onError(error);
  });
  redis.on('ready', options.onReady);

  const waiting = new Set<() => void>();
  redis.on('ready', () => {
    for (const go of [...waiting]) go();
  });

  const whenReady = (ms: number): Promise<boolean> => {
    if (redis.status === 'ready') return Promise.resolve(true);
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const settle = (ready: boolean): void => {
        waiting.delete(go);
        cancel();
        resolve(ready);
      };
      const go = (): void => settle(redis.status === 'ready');
      waiting.add(go);
      cancel = options.clock.after(ms, () => settle(false));
    });
  };

  return {
    redis,
    start: async () => {
      // A refused connection is tried again by the retry strategy: the wait below decides.
      redis.connect().catch(() => {});
      if (!(await whenReady(options.commandMs)))
        throw new PipelineError('STORE_UNAVAILABLE', {
          detail: `Redis at ${redis.options.host}:${redis.options.port} was not ready at the start: ${lastError}`,
        });
    },
    whenReady,
    answers: async () => {
      if (redis.status !== 'ready') return false;
      return redis.ping().then(
        (reply) => reply === 'PONG',
        () => false,
      );
    },
    close: () => {
      for (const go of [...waiting]) go();
      const connected = redis.status === 'ready' || redis.status === 'connect';
      redis.disconnect();
      // Without a connection there is nothing to wait for, and nothing would tell.
      if (!connected) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = options.clock.after(goodbyeMs, resolve);
        redis.once('end', () => {
          cancel();
          resolve();
        });
      });
    },
  };
}

/**
 * After a reconnect the library sends every command again that had no reply, also those whose time is up.
 * Nobody waits for these; sent again and again, the one that stalls the connection would stall each new one,
 * and more would gather behind it every time.
 */
class ForgetfulRedis extends Redis {
  readonly #givenUp = new WeakSet<Command>();

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent;
    if (this.#givenUp.has(command)) return command.promise;
    const { reject } = command;
    // Not through the promise: that would pass for somebody who handles what its caller does not.
    command.reject = (error) => {
      this.#givenUp.add(command);
      reject(error);
    };
    return super.sendCommand(...sent);
  }
}

/** The word that names the cause: a system code (ECONNREFUSED), or the first word of Redis' reply (WRONGPASS). */
function causeOf(error: Error & { readonly code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return /\b[A-Z]{3,}\b/.exec(error.message)?.[0] ?? error.name;
}
