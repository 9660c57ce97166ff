import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PipelineConfig } from '../config.ts';
import type { Outlet } from '../delivery/outlet.ts';
import { codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ClientMessage, ServerNotice } from '../messages.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock, Ids } from '../ports.ts';
import { refusalOf } from '../refusal.ts';
import type { Identity } from './authenticate.ts';
import { closeCodeOf } from './close-code.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { Handshake } from './handshake.ts';
import type { Heartbeat } from './heartbeat.ts';
import { MessageRate } from './message-rate.ts';
import { codeOfFrameError } from './named-close.ts';
import type { OpeningSteps } from './opening.ts';
import { Outgoing } from './outgoing.ts';
import { readMessage, runIdIn } from './read-message.ts';
import type { Session } from './session.ts';

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** The bytes below. */
  readonly stream: Duplex;
  readonly identity: Identity;
  /** `authenticated` by now. */
  readonly handshake: Handshake<string | null>;
  readonly parts: Pick<GatewayParts, 'open' | 'createHeartbeat'>;
  readonly config: PipelineConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly session: Session;
  /** Whether what runs need can serve; false where it does not get ready in time. */
  readonly servicesReady: () => Promise<boolean>;
  /** Rejects with the code for which the identity is not good any more. */
  readonly recheck: (identity: Identity) => Promise<void>;
  readonly onReady: (connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** Refused messages in a row after which a client that goes on too fast is let go. */
const patience = 100;

/** How long a peer may take to answer a close frame. */
const farewellMs = 2_000;

/** One client's WebSocket: messages in, one after the other; messages out; and a heartbeat. */
export class Connection implements Outlet {
  readonly userId: string;
  readonly id: string;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #rate: MessageRate;
  readonly #outgoing: Outgoing;
  /** Messages whose turn has not come. */
  readonly #inbox: Waiting[] = [];
  #inboxBytes = 0;
  readonly #flushing: (() => void)[] = [];
  #busy = false;
  #refusedInARow = 0;
  #heartbeat: Heartbeat | null = null;
  #farewell = (): void => {};

  constructor(options: ConnectionOptions) {
    const { config, clock, identity, ids, socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#outgoing = new Outgoing(options.stream, () => this.isOpen, this.#onSent);
    this.userId = identity.userId;
    this.id = ids.next('conn');
    this.#rate = new MessageRate(clock, {
      perSecond: config.limits.messagesPerSecond,
      burst: config.limits.messageBurst,
    });
    // Without a listener an error would end the process.
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#closed());
  }

  /** Sees the connection to the moment at which it is ready. Never rejects. */
  async open(): Promise<void> {
    try {
      await this.#options.parts.open(this.#steps());
    } catch (thrown) {
      this.#options.log.error({ connection: this.id, err: thrown }, 'opening failed');
      this.close('INTERNAL');
    }
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get unsent(): number {
    return this.#socket.bufferedAmount + this.#outgoing.waiting;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    // What waits already counts, not this message: the largest event there is can be sent.
    if (this.unsent > this.#options.config.limits.sendBufferBytes) this.tooSlow();
    else this.#outgoing.send(text);
  }

  tooSlow(): void {
    this.#options.metrics.peerLost('slow');
    this.close('SLOW_READER');
    // It does not read, so it would not read the close frame either.
    this.#socket.terminate();
  }

  notify(notice: ServerNotice): void {
    this.send(JSON.stringify(notice));
  }

  flushed(): Promise<void> {
    if (!this.isOpen || this.unsent === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushing.push(resolve));
  }

  /** Says why, and lets the connection go. */
  close(reason: ErrorCode, closeCode?: number): void {
    const code = this.#options.handshake.refuse(reason);
    if (code === null) return;
    this.#outgoing.flush();
    this.#letGo();
    // The peer's own close frame has to be read.
    this.#listenAgain();
    this.#socket.close(closeCode ?? closeCodeOf(code), code);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #steps(): OpeningSteps {
    const { handshake, clock, servicesReady } = this.#options;
    return {
      listen: () => this.#listen(),
      servicesReady: () => servicesReady().catch(() => false),
      isWaiting: () => handshake.state === 'authenticated',
      trouble: () => (this.#hasExpired() ? 'AUTH_TOKEN_EXPIRED' : null),
      servicesPassed: () => handshake.enter('services_passed'),
      welcome: () => this.#welcome(),
      begin: () => this.#begin(),
      refuse: (code) => this.close(code),
      pause: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    };
  }

  #listen(): void {
    this.#socket.on('message', (data, isBinary) => {
      const text = isBinary ? null : data.toString();
      this.#receive(text, (data as Buffer).length);
    });
  }

  #welcome(): void {
    const { config } = this.#options;
    this.notify({
      type: 'connection_established',
      connection_id: this.id,
      user_id: this.userId,
      max_message_bytes: config.limits.messageBytes,
      heartbeat_ms: config.timeouts.heartbeatMs,
      heartbeat_deadline_ms: config.timeouts.heartbeatDeadlineMs,
    });
  }

  #begin(): void {
    const { handshake } = this.#options;
    handshake.enter('welcomed');
    this.#startHeartbeat();
    this.#options.onReady(this);
    for (const early of handshake.takeEarly()) {
      // One of them may have been one too many.
      if (handshake.state !== 'ready') return;
      this.#admit(early, early === null ? 0 : Buffer.byteLength(early));
    }
  }

  readonly #onSent = (): void => {
    if (this.#flushing.length > 0 && this.unsent === 0) this.#releaseFlushing();
  };

  #releaseFlushing(): void {
    for (const resolve of this.#flushing.splice(0)) resolve();
  }

  #receive(text: string | null, bytes: number): void {
    const fate = this.#options.handshake.receive(text, bytes);
    if (fate === 'process') this.#admit(text, bytes);
    else if (fate === 'too-many') this.close('EARLY_MESSAGES_LIMIT');
  }

  #admit(text: string | null, bytes: number): void {
    if (!this.#rate.take()) {
      this.#refuse(new PipelineError('RATE_LIMITED'), text);
      this.#refusedInARow += 1;
      if (this.#refusedInARow > patience) this.close('RATE_LIMITED');
      return;
    }
    this.#refusedInARow = 0;
    this.#inbox.push({ text, bytes });
    this.#inboxBytes += bytes;
    const { earlyBytes, earlyMessages } = this.#options.config.limits;
    // A client that is faster than the store waits, by the flow control of its own connection.
    if (this.#inbox.length >= earlyMessages || this.#inboxBytes >= earlyBytes) this.#socket.pause();
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      this.#inboxBytes -= next.bytes;
      if (this.#inbox.length === 0) this.#listenAgain();
      if (this.#hasExpired()) {
        this.close('AUTH_TOKEN_EXPIRED');
        break;
      }
      const message = this.#read(next.text);
      if (message === null) continue;
      const done = this.#process(message, next.text);
      // It counts from the moment at which it came, however long the store takes to keep it.
      if (message.type !== 'event_confirmation') await done;
    }
    this.#busy = false;
  }

  /** Until now the peer could not be heard: its silence says nothing. */
  #listenAgain(): void {
    if (!this.#socket.isPaused) return;
    this.#heartbeat?.heard();
    this.#socket.resume();
  }

  /** Null for what was refused. */
  #read(text: string | null): ClientMessage | null {
    try {
      if (text === null) throw new PipelineError('MESSAGE_MALFORMED', { detail: 'a binary frame' });
      return readMessage(text, this.#options.config.limits.jsonDepth);
    } catch (thrown) {
      this.#refuse(thrown, text);
      return null;
    }
  }

  async #process(message: ClientMessage, text: string | null): Promise<void> {
    const { identity, recheck, session } = this.#options;
    try {
      if (message.type === 'start_agent' || message.type === 'resume') await recheck(identity);
      await session(this, message, identity);
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === 'AUTH_TOKEN_EXPIRED' || code === 'AUTH_TOKEN_REVOKED') this.close(code);
      else this.#refuse(thrown, text, message);
    }
  }

  #refuse(thrown: unknown, text: string | null, message?: ClientMessage): void {
    const { ids, log, metrics } = this.#options;
    const code = codeOf(thrown);
    const correlationId = ids.next('corr');
    metrics.messageRefused(code);
    log.warn(
      { code, correlation_id: correlationId, connection: this.id, user: this.userId, err: thrown },
      'message refused',
    );
    // A confirmation that failed is no failure of its run: the run goes on.
    const runId = message === undefined ? (text === null ? undefined : startedBy(text)) : runOf(message);
    this.notify({
      type: 'error',
      ...refusalOf(thrown, correlationId),
      ...(runId === undefined ? {} : { run_id: runId }),
    });
  }

  #hasExpired(): boolean {
    return this.#options.clock.now() >= this.#options.identity.expiresAt;
  }

  #startHeartbeat(): void {
    const { clock, config, metrics, parts, stream } = this.#options;
    const heartbeat = parts.createHeartbeat({
      clock,
      intervalMs: config.timeouts.heartbeatMs,
      deadlineMs: config.timeouts.heartbeatDeadlineMs,
      ping: () => this.#socket.ping(),
      isListening: () => !this.#socket.isPaused,
      unsentBytes: () => this.unsent,
      mayGoOn: () => {
        if (this.#hasExpired()) this.close('AUTH_TOKEN_EXPIRED');
        return this.isOpen;
      },
      lost: () => {
        metrics.peerLost('silent');
        this.#socket.terminate();
      },
    });
    this.#heartbeat = heartbeat;
    // Every byte is a sign of life, also one of a message that takes long to come.
    stream.on('data', () => heartbeat.heard());
  }

  /** Nothing is processed any more, and the peer has a while to answer the close frame. */
  #letGo(): void {
    this.#heartbeat?.stop();
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
    this.#farewell = this.#options.clock.after(farewellMs, () => this.#socket.terminate());
  }

  #failed(error: Error): void {
    const { handshake, log } = this.#options;
    log.debug({ connection: this.id, err: error }, 'socket error');
    const code = codeOfFrameError(error);
    // The library has closed the connection already.
    if (code !== null && handshake.refuse(code) !== null) this.#letGo();
  }

  /** What the peer confirmed before it left, it has; all else that waits is nobody's any more. */
  #takeConfirmations(): void {
    const { config } = this.#options;
    this.#inboxBytes = 0;
    for (const { text } of this.#inbox.splice(0)) {
      const message = text === null ? null : confirmationIn(text, config.limits.jsonDepth);
      if (message !== null) void this.#process(message, text);
    }
  }

  #closed(): void {
    const { handshake } = this.#options;
    this.#heartbeat?.stop();
    this.#farewell();
    this.#takeConfirmations();
    if (handshake.state !== 'closed') handshake.enter('gone');
    this.#releaseFlushing();
    this.#options.onClose(this);
  }
}

/** `text`: null for a binary frame. */
interface Waiting {
  readonly text: string | null;
  readonly bytes: number;
}

function confirmationIn(text: string, depth: number): ClientMessage | null {
  try {
    const message = readMessage(text, depth);
    return message.type === 'event_confirmation' ? message : null;
  } catch {
    return null;
  }
}

function runOf(message: ClientMessage): string | undefined {
  return message.type === 'start_agent' || message.type === 'resume' ? message.run_id : undefined;
}

/** The run that a message which could not be read was about, where it was to start or resume one. */
function startedBy(text: string): string | undefined {
  return /"type"\s*:\s*"(start_agent|resume)"/.test(text) ? runIdIn(text) : undefined;
}
