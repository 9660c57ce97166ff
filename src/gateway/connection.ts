import type { WebSocket } from 'ws';
import type { PipelineConfig } from '../config.ts';
import type { Outlet } from '../delivery/outlet.ts';
import { codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type ClientMessage, closeCodes, type ServerNotice } from '../messages.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock, Ids } from '../ports.ts';
import { refusalOf } from '../refusal.ts';
import type { Identity } from './authenticate.ts';
import type { Handshake } from './handshake.ts';
import { MessageRate } from './message-rate.ts';
import { readMessage, runIdIn } from './read-message.ts';
import type { Session } from './session.ts';

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly identity: Identity;
  /** `authenticated` by now. */
  readonly handshake: Handshake<string | null>;
  readonly config: PipelineConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly session: Session;
  /** Whether requests can be served; what comes before the answer waits. */
  readonly prepare: () => Promise<boolean>;
  readonly onClose: (connection: Connection) => void;
}

/** Refused messages in a row after which a client that goes on too fast is let go. */
const patience = 100;

/** One client's WebSocket: messages in, one after the other; messages out; and a pulse. */
export class Connection implements Outlet {
  readonly userId: string;
  readonly id: string;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #rate: MessageRate;
  /** Messages whose turn has not come; null for a binary frame. */
  readonly #inbox: (string | null)[] = [];
  readonly #flushing: (() => void)[] = [];
  #busy = false;
  #refusedInARow = 0;
  #heard = true;
  #pulse = (): void => {};

  constructor(options: ConnectionOptions) {
    const { config, clock, identity, ids, socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.userId = identity.userId;
    this.id = ids.next('conn');
    this.#rate = new MessageRate(clock, {
      perSecond: config.limits.messagesPerSecond,
      burst: config.limits.messageBurst,
    });
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? null : data.toString()));
    socket.on('ping', () => this.#hear());
    socket.on('pong', () => this.#hear());
    // What the error was, the close code says; without a listener it would end the process.
    socket.on('error', (error) => options.log.debug({ connection: this.id, err: error }, 'socket error'));
    socket.on('close', () => this.#closed());
  }

  /** Says `connection_established` once requests can be served, then takes what came early. */
  async open(): Promise<void> {
    const { handshake, config, prepare } = this.#options;
    const prepared = await prepare().catch(() => false);
    if (handshake.state !== 'authenticated') return;
    if (!prepared) {
      this.close(closeCodes.overload, 'SERVICE_NOT_READY');
      return;
    }
    handshake.enter('ready');
    this.notify({
      type: 'connection_established',
      connection_id: this.id,
      user_id: this.userId,
      max_message_bytes: config.limits.messageBytes,
      heartbeat_ms: config.timeouts.heartbeatMs,
      heartbeat_deadline_ms: config.timeouts.heartbeatDeadlineMs,
    });
    this.#beat();
    for (const early of handshake.takeEarly()) this.#admit(early);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    this.#socket.send(text, this.#onSent);
    if (this.#socket.bufferedAmount > this.#options.config.limits.sendBufferBytes) {
      this.#options.metrics.peerLost('slow');
      this.close(closeCodes.overload, 'SLOW_READER');
      // It does not read, so it would not read the close frame either.
      this.#socket.terminate();
    }
  }

  notify(notice: ServerNotice): void {
    this.send(JSON.stringify(notice));
  }

  flushed(): Promise<void> {
    if (!this.isOpen || this.#socket.bufferedAmount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushing.push(resolve));
  }

  close(code: number, reason: ErrorCode): void {
    const { handshake } = this.#options;
    if (handshake.state === 'closing' || handshake.state === 'closed') return;
    handshake.enter('closing');
    this.#inbox.length = 0;
    // The peer's own close frame has to be read.
    this.#listenAgain();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  readonly #onSent = (): void => {
    if (this.#flushing.length > 0 && this.#socket.bufferedAmount === 0) this.#releaseFlushing();
  };

  #releaseFlushing(): void {
    for (const resolve of this.#flushing.splice(0)) resolve();
  }

  #hear(): void {
    this.#heard = true;
  }

  #receive(text: string | null): void {
    this.#hear();
    const fate = this.#options.handshake.receive(text);
    if (fate === 'process') this.#admit(text);
    else if (fate === 'too-many') this.close(closeCodes.policy, 'CONNECTION_LIMIT');
  }

  #admit(text: string | null): void {
    if (!this.#rate.take()) {
      this.#refuse(new PipelineError('RATE_LIMITED'), text);
      this.#refusedInARow += 1;
      if (this.#refusedInARow > patience) this.close(closeCodes.policy, 'RATE_LIMITED');
      return;
    }
    this.#refusedInARow = 0;
    this.#inbox.push(text);
    // A client that is faster than the store waits, by the flow control of its own connection.
    if (this.#inbox.length >= this.#options.config.limits.earlyMessages) this.#socket.pause();
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let text = this.#inbox.shift(); text !== undefined; text = this.#inbox.shift()) {
      if (this.#inbox.length === 0) this.#listenAgain();
      if (this.#options.clock.now() >= this.#options.identity.expiresAt) {
        this.close(closeCodes.policy, 'AUTH_TOKEN_EXPIRED');
        break;
      }
      await this.#process(text);
    }
    this.#busy = false;
  }

  /** Until now the peer could not be heard: its silence says nothing. */
  #listenAgain(): void {
    if (!this.#socket.isPaused) return;
    this.#hear();
    this.#socket.resume();
  }

  async #process(text: string | null): Promise<void> {
    let message: ClientMessage | undefined;
    try {
      if (text === null) throw new PipelineError('MESSAGE_MALFORMED', { detail: 'a binary frame' });
      message = readMessage(text, this.#options.config.limits.jsonDepth);
      await this.#options.session(this, message);
    } catch (thrown) {
      this.#refuse(thrown, text, message);
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

  /** Pings, and lets a peer go that says nothing at all until the deadline. */
  #beat(): void {
    const { clock, config, identity, metrics } = this.#options;
    const { heartbeatMs, heartbeatDeadlineMs } = config.timeouts;
    this.#pulse = clock.after(heartbeatMs, () => {
      if (!this.isOpen) return;
      if (clock.now() >= identity.expiresAt) {
        this.close(closeCodes.policy, 'AUTH_TOKEN_EXPIRED');
        return;
      }
      this.#heard = false;
      this.#socket.ping();
      this.#pulse = clock.after(heartbeatDeadlineMs, () => {
        // While this side does not listen, a living peer is as silent as a dead one; but it goes on reading.
        const isUnheard = this.#socket.isPaused && this.#socket.bufferedAmount === 0;
        if (this.#heard || isUnheard) this.#beat();
        else {
          metrics.peerLost('silent');
          this.#socket.terminate();
        }
      });
    });
  }

  #closed(): void {
    const { handshake } = this.#options;
    this.#pulse();
    this.#inbox.length = 0;
    if (handshake.state !== 'closed') handshake.enter('closed');
    this.#releaseFlushing();
    this.#options.onClose(this);
  }
}

function runOf(message: ClientMessage): string | undefined {
  return message.type === 'start_agent' || message.type === 'resume' ? message.run_id : undefined;
}

/** The run that a message which could not be read was about, where it was to start or resume one. */
function startedBy(text: string): string | undefined {
  return /"type"\s*:\s*"(start_agent|resume)"/.test(text) ? runIdIn(text) : undefined;
}
