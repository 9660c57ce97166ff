import { errorReply } from './reply.ts';
import { ProtocolError, RequestParser } from './request-parser.ts';
import type { SimulatedRedis } from './server.ts';
import type { Client, Session } from './session.ts';

/**
 * The server's end of one connection: takes the bytes of requests, or commands that were parsed already, and
 * gives the bytes of the replies in order. While a command blocks, what comes behind it waits.
 */
export class RedisConnection implements Client {
  readonly #redis: SimulatedRedis;
  readonly #session: Session;
  readonly #parser = new RequestParser();
  readonly #backlog: (Buffer | readonly string[])[] = [];
  readonly #onReply: (bytes: Buffer) => void;
  readonly #onClose: () => void;
  #working = false;

  /** `onReply`: the bytes of one reply, or of a published message. `onClose`: once, however the connection ends. */
  constructor(
    redis: SimulatedRedis,
    onReply: (bytes: Buffer) => void,
    onClose: () => void = () => undefined,
  ) {
    this.#redis = redis;
    this.#onReply = onReply;
    this.#onClose = onClose;
    this.#session = redis.open(this);
  }

  /** Whether a blocking command is unanswered. */
  get waiting(): boolean {
    return this.#session.waiting;
  }

  /** Bytes that came and were not carried out yet. */
  get pendingBytes(): number {
    let bytes = this.#parser.buffered;
    for (const waiting of this.#backlog) {
      if (Buffer.isBuffer(waiting)) bytes += waiting.length;
      else for (const arg of waiting) bytes += arg.length;
    }
    return bytes;
  }

  bytes(chunk: Buffer): void {
    this.#backlog.push(chunk);
    this.#work();
  }

  /** A command whose arguments are known, as bytes (latin1). */
  command(args: readonly string[]): void {
    this.#backlog.push(args);
    this.#work();
  }

  /** The client has gone. */
  close(): void {
    this.#session.close();
  }

  reply(bytes: Buffer): void {
    this.#onReply(bytes);
  }

  resumed(): void {
    this.#work();
  }

  ended(): void {
    this.#backlog.length = 0;
    this.#onClose();
  }

  #work(): void {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#session.closed && !this.#session.waiting) {
        const args = this.#parser.next() ?? this.#fromBacklog();
        if (args === null) break;
        this.#session.execute(args);
      }
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.#session.deliver(errorReply(thrown.message));
      this.#session.close();
    } finally {
      this.#working = false;
    }
    this.#redis.settle();
  }

  /** The next command that came parsed; bytes are fed to the parser, and it is asked again. */
  #fromBacklog(): readonly string[] | null {
    const next = this.#backlog.shift();
    if (next === undefined) return null;
    if (!Buffer.isBuffer(next)) return next;
    this.#parser.feed(next);
    return this.#parser.next() ?? this.#fromBacklog();
  }
}
