import type { RedisOptions } from 'ioredis';

/** What a contender's server is started with. */
export interface ServerOptions {
  readonly kind: ContenderKind;
  /** Whether every event is written to Redis before it is sent. */
  readonly durable: boolean;
  readonly redis: RedisOptions;
  /** Both the interval and the time for an answer, ms. */
  readonly heartbeatMs: number;
}

export type ContenderKind =
  | 'ours'
  | 'ws'
  | 'socket.io'
  | 'socket.io with recovery'
  /** Durable always; for whole runs only. */
  | 'BullMQ and socket.io';

export const benchJwt = { secret: 'a-secret-of-the-bench-that-is-long-enough', audience: 'bench' } as const;

/** What the parent asks, by name, and what it is told. */
export interface Reply {
  readonly latencies: { readonly p50: number; readonly p99: number };
  /** After a collection, bytes. */
  readonly memory: number;
  /** User and system, ms since the start. */
  readonly processor: number;
}
export type FromServer =
  | { readonly url: string }
  | { readonly produced: number }
  | { readonly [K in keyof Reply]?: Reply[K] };
