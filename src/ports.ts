import type { Server } from 'node:http';
import type { RedisOptions } from 'ioredis';
import type { Rooms } from './execution/places/rooms.ts';

/**
 * Everything the pipeline needs from outside. Only `src/adapters` fulfils these for production; a
 * simulation fulfils them with virtual time, seeded dice and in-memory streams. Nothing else in `src`
 * touches a clock, a timer, dice, ids or a socket.
 */
export interface Ports {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly dice: Dice;
  readonly listener: Listener;
  readonly fetch: Fetch;
  readonly redis: RedisPort;
  readonly usage: UsageSource;
  readonly memory: MemoryPort;
  /** Threads and processes for agents that do not run in the gateway's own. */
  readonly rooms: Rooms;
  readonly log: LogSink;
}

export interface MemoryPort {
  /** Bytes that this process has, as its machine counts them. */
  usedBytes(): number;
}

/** Undoes a timer. Calling it twice, or after the timer ran, does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
}

export interface Ids {
  /** A fresh id that nobody can guess, e.g. `conn_5f0c…`. `kind` becomes its prefix. */
  next(kind: string): string;
}

export interface Dice {
  /** A number in [0, 1), for jitter; never for secrets. */
  next(): number;
}

export interface Listener {
  /** Makes `server` reachable. `url` is its base, e.g. `http://127.0.0.1:8080`. */
  listen(server: Server): Promise<{ readonly url: string; close(): Promise<void> }>;
}

/** The part of the platform's `fetch` that the model client uses; the global `fetch` satisfies it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchReply>;

export interface FetchInit {
  readonly method: 'POST' | 'GET';
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface FetchReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body's bytes as they come; null where there is none. */
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
}

/** Where Redis is, and how a connection to it is made (`connector` absent: TCP). */
export interface RedisPort {
  readonly options: RedisOptions;
  /** Put before every key, e.g. `faultline:`. */
  readonly keyPrefix: string;
  /**
   * Runs `write` when everything that came in with this turn of the event loop was dealt with: what was asked of
   * Redis until then leaves in one write. Absent: at the end of the tick.
   */
  readonly atEndOfTurn?: (write: () => void) => void;
}

/** Where the tool `fetch_usage_metrics` gets its records from. */
export interface UsageSource {
  /** What was recorded for this user, oldest first. Throws when the source cannot be read. */
  fetch(query: UsageQuery, signal: AbortSignal): Promise<readonly UsageRecord[]>;
  /**
   * Rejects where the source cannot be read at all: with CONFIGURATION_INVALID where no wait can help. Absent:
   * the source has no way to say so.
   */
  check?(signal: AbortSignal): Promise<void>;
}

export interface UsageQuery {
  readonly userId: string;
  readonly runId: string;
}

/** One model call that a user's own application made. */
export interface UsageRecord {
  readonly id: string;
  /** ISO-8601, UTC. */
  readonly at: string;
  readonly model: string;
  readonly latencyMs: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Takes one finished log line (JSON, without the newline). */
export interface LogSink {
  write(line: string): void;
}
