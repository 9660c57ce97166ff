import type { WebSocket } from 'ws';
import type { Closing, Link, Listener, Transport } from '../../src/client/transport.ts';
import { wsTransport } from '../../src/client/ws-transport.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';
import type { CaseUser } from '../case.ts';
import type { Recorder } from '../history.ts';

export interface WireOptions {
  readonly user: CaseUser;
  readonly recorder: Recorder;
  /** A new WebSocket of this user, with the subprotocols `agent.v1` and the token's. */
  dial(user: string): WebSocket;
}

/**
 * The connections of one user, one at a time: what comes and goes is recorded, frame by frame. A client
 * library talks through `transport`; what no such library would do is done to the connection below it.
 */
export class Wire {
  readonly #options: WireOptions;
  #dialled = 0;
  #socket: WebSocket | null = null;
  #connection: Connection | null = null;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  readonly transport: Transport = {
    open: (address, listener) => {
      const { user, recorder, dial } = this.#options;
      this.#dialled += 1;
      const connection = new Connection({
        user,
        name: `${user.id}${user.window === undefined ? '' : `.${user.window}`}-${this.#dialled}`,
        recorder,
        listener,
      });
      const inner = wsTransport(() => {
        const socket = dial(user.id);
        this.#socket = socket;
        return socket;
      });
      connection.link = inner.open(address, connection);
      this.#connection = connection;
      return connection;
    },
  };

  /** Sends a text as it is, whatever it says. */
  sendText(text: string): void {
    const socket = this.#socket;
    if (socket !== null && this.#connection?.isOpen === true) {
      this.#connection.recordSent(parsed(text) ?? text);
      socket.send(text, () => {});
    }
  }

  /** Drops the connection without a word. */
  drop(): void {
    this.#connection?.abandon();
  }

  /** Reads nothing any more until `read`. */
  stall(): void {
    if (this.#connection?.isOpen !== true || this.#socket === null) return;
    this.#socket.pause();
    this.#connection.recordReading('stopped-reading');
  }

  read(): void {
    if (this.#socket?.isPaused !== true) return;
    this.#connection?.recordReading('reads-again');
    this.#socket.resume();
  }
}

interface ConnectionOptions {
  readonly user: CaseUser;
  /** `<user>-<n>` in histories; in another window than the first `<user>.<window>-<n>`. */
  readonly name: string;
  readonly recorder: Recorder;
  readonly listener: Listener;
}

/** One connection, as the user sees it. */
class Connection implements Link, Listener {
  link: Link | null = null;
  readonly #options: ConnectionOptions;
  readonly #actor: string;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #leaving = false;
  /** By run, the last frame of it that was seen: what the next one that is sent follows from. */
  readonly #lastSeen = new Map<string, number>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#actor = `user:${options.user.id}`;
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#leaving;
  }

  send(message: JsonObject & Parameters<Link['send']>[0]): void {
    if (!this.isOpen) return;
    const isConfirmation = message.type === 'event_confirmation';
    if (isConfirmation && this.#options.user.confirms === 'none') return;
    this.recordSent(message);
    this.link?.send(message);
    if (!isConfirmation) return;
    const { user } = this.#options;
    const parent = this.#lastSeen.get(message.run_id);
    this.#record({
      type: 'confirmed',
      ...(parent === undefined ? {} : { parent }),
      user: user.id,
      run: message.run_id,
      sequence: message.sequence,
    });
  }

  recordReading(type: 'stopped-reading' | 'reads-again'): void {
    this.#record({ type, user: this.#options.user.id, connection: this.#options.name });
  }

  recordSent(frame: Json): void {
    const run = isJsonObject(frame) ? frame.run_id : undefined;
    const parent = typeof run === 'string' ? this.#lastSeen.get(run) : undefined;
    this.#record({
      type: 'sent',
      user: this.#options.user.id,
      connection: this.#options.name,
      frame,
      ...(parent === undefined ? {} : { parent }),
    });
  }

  close(code: number, reason: string): void {
    this.#leaving = true;
    this.link?.close(code, reason);
  }

  abandon(): void {
    this.#leaving = true;
    this.link?.abandon();
  }

  opened(): void {
    this.#state = 'open';
    this.#record({ type: 'connection-opened', user: this.#options.user.id, connection: this.#options.name });
    this.#options.listener.opened();
  }

  received(message: unknown, text: string): void {
    if (this.#state !== 'open') return;
    const frame = message as Json | undefined;
    const seen = frame === undefined ? this.#recordText(text) : this.#recordSeen(frame);
    if (isJsonObject(frame) && typeof frame.run_id === 'string') this.#lastSeen.set(frame.run_id, seen);
    this.#options.listener.received(message, text);
  }

  closed(closing: Closing): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    if (wasOpen) this.#recordClose(closing);
    else this.#recordRefusal(closing);
    this.#options.listener.closed(closing);
  }

  /** Written out, as nearly all that a user ever records is of this kind. */
  #recordSeen(frame: Json): number {
    return this.#options.recorder.append({
      seq: 0,
      at: 0,
      type: 'seen',
      user: this.#options.user.id,
      connection: this.#options.name,
      frame,
      actor: this.#actor,
    });
  }

  #recordText(text: string): number {
    const { user, name } = this.#options;
    return this.#record({ type: 'seen', user: user.id, connection: name, text: text.slice(0, textMax) });
  }

  #recordClose({ code, reason }: Closing): void {
    this.#record({
      type: 'connection-closed',
      user: this.#options.user.id,
      connection: this.#options.name,
      code,
      reason,
      by: this.#leaving ? 'user' : 'other',
    });
  }

  #recordRefusal({ refusal }: Closing): void {
    this.#record({
      type: 'connection-refused',
      user: this.#options.user.id,
      connection: this.#options.name,
      status: refusal?.status ?? 0,
      ...(refusal?.code === undefined ? {} : { code: refusal.code }),
    });
  }

  #record(draft: DraftOfUser): number {
    return this.#options.recorder.record({ ...draft, actor: this.#actor });
  }
}

type Draft = Parameters<Recorder['record']>[0];
type DraftOfUser = Draft extends infer Each ? (Each extends Draft ? Omit<Each, 'actor'> : never) : never;

/** Characters that a history holds of a frame that is not JSON. */
const textMax = 4_096;

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
