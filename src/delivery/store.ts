import { type Command, Redis, type RedisOptions } from 'ioredis';
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
  const { clock, commandMs, silenceMs } = options;
  const redis = new WatchedRedis(
    {
      // A command waits for a reconnect until its time is up: its caller counts time, not tries.
      maxRetriesPerRequest: null,
      connectTimeout: commandMs,
      disconnectTimeout: goodbyeMs / 2,
      ...port.options,
      lazyConnect: true,
      // It reads ioredis' own package.json from disk on every connect.
      disableClientInfo: true,
      retryStrategy: (times) => Math.min(reconnectFirstMs * 2 ** Math.min(times - 1, 10), reconnectMostMs),
    },
    clock,
    commandMs,
    silenceMs,
    port.atEndOfTurn ?? process.nextTick,
  );
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
      cancel = clock.after(ms, () => settle(false));
    });
  };

  return {
    redis,
    start: async () => {
      // A refused connection is tried again by the retry strategy: the wait below decides.
      redis.connect().catch(() => {});
      if (!(await whenReady(commandMs)))
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
      redis.restWatch();
      const connected = redis.status === 'ready' || redis.status === 'connect';
      redis.disconnect();
      // Without a connection there is nothing to wait for, and nothing would tell.
      if (!connected) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(goodbyeMs, resolve);
        redis.once('end', () => {
          cancel();
          resolve();
        });
      });
    },
  };
}

/** Into so many ticks the silence that is borne is cut; time is told to a tick. */
const ticksOfSilence = 5;

/**
 * Bounds each command in time, and replaces a connection that says nothing while a command waits: it may be
 * only half there. One timer ticks for all commands, where the library has two for each; and it counts its
 * ticks, so that neither a clock that is set nor a thread that was busy passes for a silent Redis.
 *
 * After a reconnect the library sends every command again that had no reply, also those whose time is up.
 * Nobody waits for these; sent again and again, the one that stalls the connection would stall each new one,
 * and more would gather behind it every time. Nor is a DEL sent again: it may have been done, and what stands
 * there since then be somebody else's.
 */
class WatchedRedis extends Redis {
  readonly #clock: Clock;
  readonly #atEndOfTurn: (write: () => void) => void;
  readonly #tickMs: number;
  readonly #commandTicks: number;
  /** The tick in which each command was asked for, oldest first. */
  readonly #waiting = new Map<Command, number>();
  readonly #givenUp = new WeakSet<Command>();
  /** Each DEL that went out. */
  readonly #deleting = new WeakSet<Command>();
  #ticks = 0;
  /** The tick in which the connection was made or last heard. */
  #heard = 0;
  #cancel: Cancel | null = null;

  constructor(
    options: RedisOptions,
    clock: Clock,
    commandMs: number,
    silenceMs: number,
    atEndOfTurn: (write: () => void) => void,
  ) {
    super(options);
    this.#clock = clock;
    this.#atEndOfTurn = atEndOfTurn;
    this.#tickMs = silenceMs / ticksOfSilence;
    this.#commandTicks = commandMs / this.#tickMs;
    const hear = (): void => {
      this.#heard = this.#ticks;
    };
    this.on('connect', () => {
      hear();
      this.stream.on('data', hear);
    });
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent;
    if (this.#givenUp.has(command)) return command.promise;
    if (this.#deleting.has(command)) {
      command.reject(new Error('The connection was lost before the answer'));
      return command.promise;
    }
    if (command.name === 'del' && this.status === 'ready') this.#deleting.add(command);
    if (!this.#waiting.has(command)) this.#await(command);
    this.#cork();
    return super.sendCommand(...sent);
  }

  /** Lets go of the timer; the next command sets it again. */
  restWatch(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** What is asked in one turn leaves in one write: most of what a command costs is the write. */
  #cork(): void {
    const { stream } = this;
    if (this.status !== 'ready' || stream.writableCorked > 0) return;
    stream.cork();
    this.#atEndOfTurn(() => stream.uncork());
  }

  #await(command: Command): void {
    // Not through the promise: that would pass for somebody who handles what its caller does not.
    const { resolve, reject } = command;
    command.resolve = (reply) => {
      this.#waiting.delete(command);
      resolve(reply);
    };
    command.reject = (error) => {
      this.#waiting.delete(command);
      this.#givenUp.add(command);
      reject(error);
    };
    this.#waiting.set(command, this.#ticks);
    if (this.#cancel === null) this.#watch();
  }

  #watch(): void {
    this.#cancel = this.#clock.after(this.#tickMs, () => {
      this.#cancel = null;
      this.#ticks += 1;
      this.#giveUpLate();
      this.#replaceSilent();
      if (this.#waiting.size > 0) this.#watch();
    });
  }

  /** The tick in which something began has passed only in part. */
  #passedSince(tick: number): number {
    return this.#ticks - tick - 1;
  }

  #giveUpLate(): void {
    for (const [command, asked] of this.#waiting) {
      if (this.#passedSince(asked) < this.#commandTicks) return;
      command.reject(new Error('Command timed out'));
    }
  }

  #replaceSilent(): void {
    const [asked] = this.#waiting.values();
    const isConnected = this.status === 'ready' || this.status === 'connect';
    if (asked === undefined || !isConnected) return;
    if (this.#passedSince(Math.max(asked, this.#heard)) < ticksOfSilence) return;
    this.stream.destroy(new Error('Redis was silent for too long'));
  }
}

/** The word that names the cause: a system code (ECONNREFUSED), or the first word of Redis' reply (WRONGPASS). */
function causeOf(error: Error & { readonly code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return /\b[A-Z]{3,}\b/.exec(error.message)?.[0] ?? error.name;
}
