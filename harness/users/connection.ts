import type { RawData, WebSocket } from 'ws';
import type { Json, JsonObject } from '../../src/json.ts';
import type { Recorder } from '../history.ts';
import { codeOfThrown } from '../instrument/code-of-thrown.ts';

export interface ConnectionOptions {
  readonly user: string;
  /** `<user>-<n>`, in histories. */
  readonly name: string;
  readonly recorder: Recorder;
  readonly socket: WebSocket;
  /** A frame came; `parsed` is undefined where it was not JSON. `seen` is its event's `seq`. */
  onFrame(parsed: Json | undefined, seen: number): void;
  /** It was open and is not any more. */
  onClosed(): void;
}

/** How an attempt to connect went. */
export type Opening = { readonly open: true } | { readonly open: false; readonly status: number };

/** One WebSocket connection of a user, as the user sees it: what comes and goes is recorded. */
export class Connection {
  /** Resolves when it is open, or is known not to open. */
  readonly opening: Promise<Opening>;
  readonly #options: ConnectionOptions;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #leaving = false;
  #closed: () => void = () => {};
  readonly #closing: Promise<void>;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#closing = new Promise((resolve) => {
      this.#closed = resolve;
    });
    this.opening = new Promise((resolve) => this.#listen(resolve));
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#leaving;
  }

  /** Sends a frame; false where the connection is not open. */
  send(frame: JsonObject, parent?: number): boolean {
    if (!this.isOpen) return false;
    const { user, name } = this.#options;
    this.#record({
      type: 'sent',
      user,
      connection: name,
      frame,
      ...(parent === undefined ? {} : { parent }),
    });
    // A socket that breaks meanwhile says so by `close`.
    this.#options.socket.send(JSON.stringify(frame), () => {});
    return true;
  }

  /** Drops the connection without a word. */
  terminate(): void {
    this.#leaving = true;
    this.#options.socket.terminate();
  }

  /** Says good-bye. Resolves when the connection is closed. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#leaving = true;
    this.#options.socket.close(1000);
    await this.#closing;
  }

  #listen(opened: (opening: Opening) => void): void {
    const { socket } = this.#options;
    let code: string | undefined;
    const refused = (status: number): void => {
      if (this.#state !== 'connecting') return;
      this.#state = 'closed';
      this.#recordRefusal(status, code);
      opened({ open: false, status });
      this.#closed();
    };
    socket.on('open', () => {
      if (this.#state !== 'connecting') return;
      this.#state = 'open';
      const { user, name } = this.#options;
      this.#record({ type: 'connection-opened', user, connection: name });
      opened({ open: true });
    });
    socket.on('unexpected-response', (_, response) => {
      const header = response.headers['x-faultline-code'];
      code = typeof header === 'string' ? header : undefined;
      refused(response.statusCode ?? 0);
      socket.terminate();
    });
    // `close` follows; without this listener the error would end the process.
    socket.on('error', (thrown) => {
      code ??= codeOfThrown(thrown);
    });
    socket.on('close', (status, reason) => {
      refused(0);
      if (this.#state !== 'open') return;
      this.#state = 'closed';
      this.#recordClose(status, reason);
      this.#closed();
      this.#options.onClosed();
    });
    socket.on('message', (data) => this.#receive(data));
  }

  #receive(data: RawData): void {
    if (this.#state !== 'open') return;
    const { user, name } = this.#options;
    const text = (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8');
    const frame = parsed(text);
    const seen = this.#record({
      type: 'seen',
      user,
      connection: name,
      ...(frame === undefined ? { text: text.slice(0, textMax) } : { frame }),
    });
    this.#options.onFrame(frame, seen);
  }

  #recordRefusal(status: number, code: string | undefined): void {
    const { user, name } = this.#options;
    this.#record({
      type: 'connection-refused',
      user,
      connection: name,
      status,
      ...(code === undefined ? {} : { code }),
    });
  }

  #recordClose(code: number, reason: Buffer): void {
    const { user, name } = this.#options;
    this.#record({
      type: 'connection-closed',
      user,
      connection: name,
      code,
      reason: reason.toString('utf8'),
      by: this.#leaving ? 'user' : 'other',
    });
  }

  #record(draft: DraftOfUser): number {
    return this.#options.recorder.record({ ...draft, actor: `user:${this.#options.user}` });
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
