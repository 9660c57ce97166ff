import type { Command } from './command.ts';
import { mayNeedMemory, mayWrite } from './commands/flags.ts';
import { commandOf } from './commands/table.ts';
import type { Database, Watcher } from './database.ts';
import { printed, Refusal, wrongArity } from './refusal.ts';
import { arrayHead, errorReply, nilArray, noReply, ok, queued } from './reply.ts';
import type { SimulatedRedis } from './server.ts';
import type { WaitRequest } from './wait.ts';

/** The other end of a session. */
export interface Client {
  /** One reply, or a message that was published to it. */
  reply(bytes: Buffer): void;
  /** A wait is over: the session takes commands again. */
  resumed(): void;
  /** The server ends the session, after what was replied. */
  ended(): void;
}

interface Queued {
  readonly command: Command;
  readonly args: readonly string[];
}

/** What the server knows of one connection. */
export class Session implements Watcher {
  readonly id: number;
  readonly redis: SimulatedRedis;
  database: Database;
  name = '';
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  subscribed = false;
  closed = false;
  readonly #client: Client;
  readonly #watched: { readonly database: Database; readonly key: string }[] = [];
  #queue: Queued[] | null = null;
  #queueRefused = false;
  #dirty = false;
  #executing = false;
  #running = false;
  #endAfterReply = false;
  #out = '';

  constructor(redis: SimulatedRedis, id: number, client: Client) {
    this.redis = redis;
    this.id = id;
    this.#client = client;
    this.database = redis.database(0);
  }

  /** Whether a blocking command is still unanswered: nothing may be executed until it is. */
  get waiting(): boolean {
    return this.redis.blocking.isWaiting(this);
  }

  /** Between MULTI and EXEC, or within EXEC. */
  get inTransaction(): boolean {
    return this.#queue !== null;
  }

  /** Milliseconds since the epoch, the same during one command. */
  get now(): number {
    return this.redis.time;
  }

  /** Carries out one command, given as bytes (latin1); the reply goes to the client. */
  execute(args: readonly string[]): void {
    if (this.closed || this.#endAfterReply || args.length === 0) return;
    this.redis.begin();
    this.#running = true;
    const reply = this.#answer(args);
    this.#running = false;
    this.#send(this.#out + reply);
    this.#out = '';
    this.redis.blocking.serve();
    if (this.#endAfterReply) this.close();
  }

  /** Replies, or messages, outside of the session's own command. */
  deliver(reply: string): void {
    if (this.#running) this.#out += reply;
    else this.#send(reply);
  }

  resumed(): void {
    if (!this.closed) this.#client.resumed();
  }

  endAfterReply(): void {
    this.#endAfterReply = true;
  }

  /** Ends the session and forgets what it watched, waited for and had subscribed to. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.redis.blocking.end(this);
    this.unwatch();
    this.redis.publications.forget(this);
    this.#client.ended();
  }

  /** As a new connection is. */
  reset(): void {
    this.database = this.redis.database(0);
    this.discard();
    this.redis.publications.forget(this);
    this.subscribed = false;
    this.name = '';
  }

  /** The session waits until it is served; the reply comes later, or at once where waiting is not allowed. */
  wait(request: WaitRequest): string {
    if (this.#executing) return request.timedOut;
    this.redis.blocking.begin(this, this.database, request);
    return noReply;
  }

  multi(): string {
    if (this.#queue !== null) throw new Refusal('ERR MULTI calls can not be nested');
    this.#queue = [];
    return ok;
  }

  discard(): void {
    this.#queue = null;
    this.#queueRefused = false;
    this.#dirty = false;
    this.unwatch();
  }

  /** Runs what was queued, all at once. */
  exec(): string {
    const queue = this.#queue;
    if (queue === null) throw new Refusal('ERR EXEC without MULTI');
    if (this.#queueRefused) {
      this.discard();
      throw new Refusal('EXECABORT Transaction discarded because of previous errors.');
    }
    const expired = this.#watched.some(({ database, key }) => database.expiredSinceWatch(key, this));
    if (this.#dirty || expired) {
      this.discard();
      return nilArray;
    }
    this.unwatch();
    this.#executing = true;
    this.#out += arrayHead(queue.length);
    for (const { command, args } of queue) {
      const reply = this.#run(command, args);
      this.#out += reply;
    }
    this.#executing = false;
    this.discard();
    return noReply;
  }

  watch(keys: readonly string[]): void {
    if (this.#dirty) return;
    for (const key of keys) {
      const { database } = this;
      if (this.#watched.some((watched) => watched.database === database && watched.key === key)) continue;
      database.watch(key, this);
      this.#watched.push({ database, key });
    }
  }

  /** UNWATCH: also what has changed meanwhile is forgotten. */
  forgetWatches(): void {
    this.unwatch();
    this.#dirty = false;
  }

  dirtied(): void {
    this.#dirty = true;
  }

  unwatch(): void {
    for (const { database, key } of this.#watched) database.unwatch(key, this);
    this.#watched.length = 0;
  }

  #answer(args: readonly string[]): string {
    const found = commandOf(args);
    if (typeof found === 'string') return this.#refuse(null, found);
    const { arity } = found;
    if (arity > 0 ? args.length !== arity : args.length < -arity) {
      return this.#refuse(found, wrongArity(found.name).message);
    }
    if (this.redis.isAiling) {
      const refusal = this.#ailment(found);
      if (refusal !== null) return this.#refuse(found, refusal);
    }
    if (this.subscribed && found.whileSubscribed !== true) {
      return this.#refuse(found, onlyWhenNotSubscribed(found.name));
    }
    if (this.#queue !== null && found.endsQueue !== true) {
      if (!this.#dirty && !this.#queueRefused) this.#queue.push({ command: found, args });
      return queued;
    }
    return this.#run(found, args);
  }

  #run(command: Command, args: readonly string[]): string {
    try {
      return command.run(this, args);
    } catch (thrown) {
      if (thrown instanceof Refusal) return errorReply(thrown.message);
      throw thrown;
    }
  }

  /** Why a server in a bad way refuses this command; EXEC stands for what was queued. Null: it does not. */
  #ailment({ name }: Command): string | null {
    const names = name === 'exec' ? (this.#queue ?? []).map(({ command }) => command.name) : [name];
    const queues = this.#queue !== null && !mayEndQueue.has(name);
    if (this.redis.full && (queues || names.some(mayNeedMemory))) {
      return "OOM command not allowed when used memory > 'maxmemory'.";
    }
    if (this.redis.readOnly && names.some(mayWrite)) {
      return "READONLY You can't write against a read only replica.";
    }
    return null;
  }

  /** Before a command ran at all: a transaction that it should have been part of fails with it. */
  #refuse(command: Command | null, text: string): string {
    if (this.#queue !== null) this.#queueRefused = true;
    if (command?.name !== 'exec') return errorReply(text);
    this.discard();
    return errorReply(`EXECABORT Transaction discarded because of: ${text.replace(/^ERR /, '')}`);
  }

  #send(reply: string): void {
    if (reply !== noReply && !this.closed) this.#client.reply(Buffer.from(reply, 'latin1'));
  }
}

/** A full server takes these within a transaction; it queues nothing. */
const mayEndQueue: ReadonlySet<string> = new Set(['exec', 'discard', 'quit', 'reset']);

function onlyWhenNotSubscribed(name: string): string {
  return (
    `ERR Can't execute '${printed(name)}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
    'are allowed in this context'
  );
}
