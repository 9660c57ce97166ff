import type { ServerNotice, subprotocol } from '../messages.ts';
import type { Cancel, Clock, Dice, Ids } from '../ports.ts';
import { pauseMs } from './backoff.ts';
import { ClientError, errorFromServer, knownRow } from './client-error.ts';
import { failure, forbidsRetry } from './closing.ts';
import { Confirmations } from './confirmations.ts';
import { FollowedRun, type FollowedRunOptions } from './followed-run.ts';
import { Pulse } from './pulse.ts';
import type { AnyRunEvent, Run } from './run.ts';
import type { Closing, Link, Transport } from './transport.ts';

/** A user's way to the server: one connection at a time, and a new one whenever that breaks. */
export interface Client {
  /** Sends a request. Never throws: what goes wrong, the run says. */
  ask(request: Ask): Run;
  /** Takes up a run that was asked before, perhaps by another process: what follows `after` comes. */
  resume(run: { readonly run_id: string; readonly after?: number; readonly signal?: AbortSignal }): Run;
  /**
   * Confirms what was taken, says goodbye, and waits for the answer to that at most a second. Runs that have
   * not ended fail with CLIENT_CLOSED; the server goes on with them.
   */
  close(): Promise<void>;
  /** Resolves when the client is closed: null where `close` did it, else why it gave up. Never rejects. */
  readonly closed: Promise<unknown>;
}

export interface Ask {
  /** 1 to 64 letters, digits, `_ . -`. One that was used before takes that run up: nothing is started twice. */
  readonly run_id?: string;
  readonly thread_id: string;
  readonly request: string;
  /** Aborting lets the run go (the server goes on with it); it fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  /** `ws:` or `wss:`; of several the next one is tried after each failure. */
  readonly url: string | readonly string[];
  /**
   * The JWT, or what gets one for each connection: with that an expired token is no end, and where it fails, that
   * is as if the connection had failed.
   */
  readonly token: string | (() => string | Promise<string>);
  /** Aborting closes the client; what waits fails with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Connections in a row that may fail before the client gives up (8). */
  readonly attempts?: number;
  /** The pause after the first failure, milliseconds (100): doubled each time, with jitter. */
  readonly firstPauseMs?: number;
  /** The longest pause (10,000). */
  readonly longestPauseMs?: number;
  /** Milliseconds that one attempt may take until the server is ready (15,000). */
  readonly readyMs?: number;
  /** Milliseconds for which confirmations are kept back to go together (50). */
  readonly confirmAfterMs?: number;
  /** So many events of a run are confirmed without waiting for that (256). */
  readonly confirmAfterEvents?: number;
  /** Events of one run that may wait for the application (1,000); what is more is asked for again later. */
  readonly keptEvents?: number;
}

/** What a client needs of the machine that it runs on. */
export interface ClientPlatform {
  readonly transport: Transport;
  readonly clock: Clock;
  /** For the jitter of pauses. */
  readonly dice: Dice;
  /** For run ids. */
  readonly ids: Ids;
}

/**
 * Connects, and resolves when the server is ready. Rejects with a ClientError where it must not be tried
 * again (the token, the protocol) or was tried `attempts` times, and with the signal's reason.
 */
export async function connectOn(platform: ClientPlatform, options: ClientOptions): Promise<Client> {
  options.signal?.throwIfAborted();
  const client = createClient(platform, options);
  await client.ready;
  return client;
}

/** A client that has only begun to connect: what is asked of it waits. `ready` settles as `connectOn` does. */
export function createClient(
  platform: ClientPlatform,
  options: ClientOptions,
): Client & { readonly ready: Promise<void> } {
  return new ReconnectingClient(platform, options);
}

const agentProtocol: typeof subprotocol = 'agent.v1';
/** How long an event may be behind one that follows it before it is asked for again. */
const gapMs = 250;
/** How long the answer to that may take, before the same is tried on a new connection. */
const gapAnswerMs = 1_000;
const goodbyeMs = 1_000;
/** A connection that lasted as long was a good one. */
const steadyMs = 10_000;
/** How often one message is sent again on one connection because the server could not read it. */
const repeatsMost = 2;
/** An application's own close code (4000 to 4999): this connection lost or damaged messages. */
const unfit = { code: 4000, reason: 'MESSAGES_LOST' } as const;
/** What can stand in the name of a subprotocol: base64url and dots, as in every JWT. */
const isOffered = /^[\w.-]*$/;
const noGoodbye: Closing = { code: 1006, reason: '' };

class ReconnectingClient implements Client {
  readonly ready: Promise<void>;
  readonly closed: Promise<unknown>;
  readonly #platform: ClientPlatform;
  readonly #options: ClientOptions;
  readonly #urls: readonly string[];
  /** Runs that something is still wanted of. */
  readonly #runs = new Map<string, FollowedRun>();
  readonly #confirmations: Confirmations;
  readonly #pulse: Pulse;
  readonly #timers = new Set<Cancel>();
  #link: Link | null = null;
  #isReady = false;
  /** The deadline of an attempt, or the pause before the next. */
  #attempt: Cancel = () => {};
  #failures = 0;
  /** Attempts that are over; says which of the addresses is tried now. */
  #place = 0;
  /** Since when the connection is ready. */
  #readySince = 0;
  /** Something of a run came on this connection. */
  #isUseful = false;
  #uncertainMs = 0;
  #messageBytesMax = Number.POSITIVE_INFINITY;
  #end: { readonly why: unknown } | null = null;
  #becameReady: () => void = () => {};
  #neverReady: (why: unknown) => void = () => {};
  #becameClosed: (why: unknown) => void = () => {};
  #linkClosed: () => void = () => {};

  constructor(platform: ClientPlatform, options: ClientOptions) {
    this.#platform = platform;
    this.#options = options;
    this.#urls = typeof options.url === 'string' ? [options.url] : options.url;
    this.#confirmations = new Confirmations({
      clock: platform.clock,
      afterMs: options.confirmAfterMs ?? 50,
      afterEvents: options.confirmAfterEvents ?? 256,
      send: (run, sequence) => this.#confirm(run, sequence),
    });
    this.#pulse = new Pulse(platform.clock, {
      ask: () => this.#link?.send({ type: 'ping' }),
      dead: () => this.#drop(),
    });
    this.ready = new Promise((resolve, reject) => {
      this.#becameReady = resolve;
      this.#neverReady = reject;
    });
    // Who does not wait for it learns the same from each run.
    this.ready.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.#becameClosed = resolve;
    });
    options.signal?.addEventListener('abort', this.#aborted, { once: true });
    void this.#dial();
  }

  ask({ run_id, thread_id, request, signal }: Ask): Run {
    const start = { threadId: thread_id, request };
    return this.#follow(run_id ?? this.#platform.ids.next('run'), 0, start, signal);
  }

  resume({ run_id, after = 0, signal }: Parameters<Client['resume']>[0]): Run {
    return this.#follow(run_id, after, undefined, signal);
  }

  async close(): Promise<void> {
    const link = this.#link;
    if (this.#end !== null || link === null) {
      this.#finish(null);
      return;
    }
    this.#confirmations.flush();
    const closed = new Promise<void>((resolve) => {
      this.#linkClosed = resolve;
    });
    this.#finish(null);
    link.close(1000, '');
    const cancel = this.#platform.clock.after(goodbyeMs, () => {
      link.abandon();
      this.#linkClosed();
    });
    await closed;
    cancel();
  }

  readonly #aborted = (): void => {
    const link = this.#link;
    this.#finish(this.#options.signal?.reason);
    link?.abandon();
  };

  #follow(
    id: string,
    after: number,
    start: FollowedRunOptions['start'],
    signal: AbortSignal | undefined,
  ): FollowedRun {
    const abort = (): void => run.fail(signal?.reason);
    const run = new FollowedRun({
      id,
      after,
      ...(start === undefined ? {} : { start }),
      keptMost: this.#options.keptEvents ?? 1_000,
      took: (run, sequence, end) => {
        this.#confirmations.took(run.id, sequence, end);
        if (run.isOver) this.#confirmations.left(run.id);
      },
      roomAgain: (run) => this.#askAgain(run),
      over: (run) => {
        if (this.#runs.get(run.id) === run) {
          this.#runs.delete(run.id);
          this.#confirmations.left(run.id);
        }
        signal?.removeEventListener('abort', abort);
      },
    });
    if (this.#end !== null) run.fail(this.#end.why ?? new ClientError('CLIENT_CLOSED'));
    else if (signal?.aborted === true) abort();
    else if (this.#runs.has(id))
      run.fail(new ClientError('RUN_DUPLICATE', { message: `The run ${id} is followed already.` }));
    else {
      this.#runs.set(id, run);
      signal?.addEventListener('abort', abort, { once: true });
      if (this.#isReady) this.#request(run);
    }
    return run;
  }

  /** Starts the run, or resumes it where the server has it. */
  #request(run: FollowedRun): void {
    run.asking = true;
    const { start } = run;
    if (run.accepted || start === undefined) {
      this.#link?.send({ type: 'resume', run_id: run.id, after: run.received });
      return;
    }
    // A character takes six bytes at most (\u0000), what stands around it far less than 1,000.
    if (start.request.length * 6 + 1_000 > this.#messageBytesMax && this.#isTooLarge(start.request)) {
      run.fail(new ClientError('MESSAGE_TOO_LARGE', { runId: run.id }));
      return;
    }
    this.#link?.send({
      type: 'start_agent',
      run_id: run.id,
      thread_id: start.threadId,
      payload: { user_request: start.request },
    });
  }

  #isTooLarge(request: string): boolean {
    return new TextEncoder().encode(JSON.stringify(request)).length + 1_000 > this.#messageBytesMax;
  }

  #confirm(run: string, sequence: number): boolean {
    if (!this.#isReady || this.#link === null) return false;
    this.#link.send({ type: 'event_confirmation', run_id: run, sequence });
    return true;
  }

  async #dial(): Promise<void> {
    const { token } = this.#options;
    const place = this.#place;
    this.#attempt = this.#platform.clock.after(this.#options.readyMs ?? 15_000, () => this.#drop());
    let jwt: string;
    try {
      jwt = typeof token === 'string' ? token : await token();
    } catch (cause) {
      if (this.#end === null && this.#place === place)
        this.#lost(noGoodbye, new ClientError('TOKEN_UNAVAILABLE', { cause }));
      return;
    }
    // A token that came too late is for an attempt that was given up.
    if (this.#end !== null || this.#place !== place) return;
    if (!isOffered.test(jwt)) {
      this.#finish(new ClientError('AUTH_TOKEN_MALFORMED'));
      return;
    }
    const url = this.#urls[this.#place % this.#urls.length] ?? '';
    try {
      const link: Link = this.#platform.transport.open(
        { url, protocols: [agentProtocol, `jwt.${jwt}`] },
        {
          opened: () => {},
          received: (message) => {
            if (this.#link === link) this.#receive(message);
          },
          closed: (closing) => {
            if (this.#link === link) this.#lost(closing);
          },
        },
      );
      this.#link = link;
    } catch (cause) {
      this.#finish(new ClientError('CONNECTION_FAILED', { message: 'The address is none.', cause }));
    }
  }

  #receive(message: unknown): void {
    if (this.#end !== null) return;
    this.#pulse.heard();
    if (!isMessage(message)) {
      this.#leaveUnfit(true);
      return;
    }
    if (message.type === 'connection_established') {
      this.#established(message);
      return;
    }
    const run = typeof message.run_id === 'string' ? this.#runs.get(message.run_id) : undefined;
    if (run === undefined) {
      if (message.type === 'error' && message.run_id === undefined) this.#refused(message);
      return;
    }
    this.#isUseful = true;
    if (typeof message.sequence === 'number') run.receive(message as unknown as AnyRunEvent);
    else this.#takeNotice(run, message);
    if (run.hasGap) this.#mindGap(run);
  }

  #established(message: Message): void {
    const { heartbeat_ms, heartbeat_deadline_ms, max_message_bytes } = message as Partial<Established>;
    this.#attempt();
    this.#isReady = true;
    this.#isUseful = false;
    this.#readySince = this.#platform.clock.now();
    this.#messageBytesMax = max_message_bytes ?? Number.POSITIVE_INFINITY;
    const intervalMs = heartbeat_ms ?? 25_000;
    const deadlineMs = heartbeat_deadline_ms ?? 20_000;
    this.#uncertainMs = 2 * intervalMs + deadlineMs;
    this.#pulse.start(intervalMs, deadlineMs);
    for (const run of this.#runs.values()) {
      run.askedAgain = 0;
      this.#request(run);
    }
    this.#confirmations.connected(this.#uncertainMs);
    this.#becameReady();
  }

  #takeNotice(run: FollowedRun, message: Message): void {
    switch (message.type) {
      case 'run_accepted':
        run.accepted = true;
        run.asking = false;
        return;
      case 'events_lost':
        if (typeof message.available_from === 'number') run.goneBefore(message.available_from);
        return;
      case 'error':
        this.#takeError(run, message);
    }
  }

  #takeError(run: FollowedRun, message: Message): void {
    const wasAsking = run.asking;
    run.asking = false;
    if (message.code === 'RUN_DUPLICATE') {
      // It was taken before, and the answer to that was lost; or it is one of an earlier process.
      if (run.accepted) return;
      run.accepted = true;
      this.#request(run);
      return;
    }
    // Only the resume was refused: the run itself goes on.
    if (wasAsking && run.accepted && retryOf(message) === 'later' && run.askedAgain < repeatsMost) {
      run.askedAgain += 1;
      this.#after(gapAnswerMs * run.askedAgain, () => {
        if (!run.isOver && this.#isReady) this.#request(run);
      });
      return;
    }
    run.fail(errorFromServer(message, run.id));
  }

  /**
   * A message of ours was refused, and the server does not say which. One that was damaged on its way is
   * sent again; the run whose message is refused every time has the fault itself.
   */
  #refused(message: Message): void {
    this.#confirmations.refused();
    if (retryOf(message) === 'later') return;
    for (const run of [...this.#runs.values()]) {
      if (!run.asking) continue;
      if (run.askedAgain >= repeatsMost) {
        run.fail(errorFromServer(message, run.id));
      } else {
        run.askedAgain += 1;
        this.#request(run);
      }
    }
  }

  /** Events may change places on their way. One that stays away is asked for, here and then elsewhere. */
  #mindGap(run: FollowedRun): void {
    if (run.gapMinded === run.received) return;
    run.gapMinded = run.received;
    this.#whileMissing(run, gapMs, () => this.#askAgain(run));
  }

  #askAgain(run: FollowedRun): void {
    run.gapMinded = run.received;
    if (this.#isReady) this.#request(run);
    this.#whileMissing(run, gapAnswerMs, () => {
      if (this.#isReady) this.#leaveUnfit(false);
      this.#giveUpLater(run);
    });
  }

  /** Once a new connection had its chance. */
  #giveUpLater(run: FollowedRun): void {
    this.#whileMissing(run, gapMs + gapAnswerMs, () => {
      if (this.#isReady && !run.asking) run.giveUpGap();
      else this.#giveUpLater(run);
    });
  }

  #whileMissing(run: FollowedRun, ms: number, then: () => void): void {
    const missing = run.received;
    this.#after(ms, () => {
      if (run.received === missing && !run.isOver && run.gapMinded === missing) then();
    });
  }

  /** Half-open, or never ready: nobody would answer a goodbye. */
  #drop(): void {
    const link = this.#link;
    this.#lost(noGoodbye);
    link?.abandon();
  }

  /** What comes here is damaged or incomplete; the next connection may do better. */
  #leaveUnfit(isFailure: boolean): void {
    const link = this.#link;
    if (!isFailure) this.#isUseful = true;
    this.#lost(noGoodbye);
    link?.close(unfit.code, unfit.reason);
  }

  /** `why`: what is told in the end, where that is not how the connection closed. */
  #lost(closing: Closing, why?: ClientError): void {
    if (this.#end !== null) {
      this.#linkClosed();
      return;
    }
    const wasReady = this.#isReady;
    const wasGood = wasReady && (this.#isUseful || this.#platform.clock.now() - this.#readySince >= steadyMs);
    this.#link = null;
    this.#isReady = false;
    this.#attempt();
    this.#pulse.stop();
    this.#confirmations.stop();
    // A token that ended while it was in use; one that is refused at once is no better the next time.
    const renewable =
      wasReady && typeof this.#options.token === 'function' && closing.reason === 'AUTH_TOKEN_EXPIRED';
    const forbidden = renewable ? null : forbidsRetry(closing);
    if (forbidden !== null) {
      this.#finish(forbidden);
      return;
    }
    this.#place += 1;
    this.#failures = wasGood ? 1 : this.#failures + 1;
    if (this.#failures >= (this.#options.attempts ?? 8)) {
      this.#finish(why ?? failure('CONNECTION_FAILED', closing));
      return;
    }
    const firstMs = this.#options.firstPauseMs ?? 100;
    const mostMs = this.#options.longestPauseMs ?? 10_000;
    const pause = pauseMs(this.#failures, { firstMs, mostMs }, this.#platform.dice);
    this.#attempt = this.#platform.clock.after(pause, () => void this.#dial());
  }

  /** The end of the client: null where its owner closed it. */
  #finish(why: unknown): void {
    if (this.#end !== null) return;
    this.#end = { why };
    this.#isReady = false;
    this.#attempt();
    this.#pulse.stop();
    this.#confirmations.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#options.signal?.removeEventListener('abort', this.#aborted);
    const error = why ?? new ClientError('CLIENT_CLOSED');
    for (const run of [...this.#runs.values()]) run.fail(error);
    this.#neverReady(error);
    this.#becameClosed(why);
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#platform.clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }
}

type Established = Extract<ServerNotice, { type: 'connection_established' }>;

interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

function retryOf({ code }: Message): string | undefined {
  return typeof code === 'string' ? knownRow(code)?.retry : undefined;
}

function isMessage(message: unknown): message is Message {
  return (
    typeof message === 'object' && message !== null && 'type' in message && typeof message.type === 'string'
  );
}
