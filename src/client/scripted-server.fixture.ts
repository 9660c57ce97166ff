import type { ClientMessage } from '../messages.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { type Client, type ClientOptions, connectOn } from './client.ts';
import type { Address, Closing, Link, Listener, Transport } from './transport.ts';

/** One connection as a test's server sees it. */
export class ServerSide implements Link {
  readonly address: Address;
  readonly got: ClientMessage[] = [];
  /** How the client ended it. */
  ended: 'abandoned' | number | null = null;
  readonly #listener: Listener;

  constructor(address: Address, listener: Listener) {
    this.address = address;
    this.#listener = listener;
  }

  send(message: ClientMessage): void {
    this.got.push(message);
  }

  close(code: number, reason: string): void {
    this.ended = code;
    this.#listener.closed({ code, reason });
  }

  abandon(): void {
    this.ended = 'abandoned';
  }

  /** Says that it is ready. */
  ready(change: Record<string, unknown> = {}): this {
    this.#listener.opened();
    return this.say({
      type: 'connection_established',
      heartbeat_ms: 25_000,
      heartbeat_deadline_ms: 20_000,
      ...change,
    });
  }

  say(...messages: unknown[]): this {
    for (const message of messages) this.#listener.received(message, JSON.stringify(message));
    return this;
  }

  /** Events of `run-1` with these numbers. */
  events(...sequences: number[]): this {
    return this.say(...sequences.map((sequence) => eventOf(sequence)));
  }

  end(sequence: number): this {
    return this.say(eventOf(sequence, 'run_completed', answer));
  }

  break(closing: Partial<Closing> = {}): void {
    this.#listener.closed({ code: 1006, reason: '', ...closing });
  }

  /** What the client sent of this type. */
  gotOf(type: ClientMessage['type']): ClientMessage[] {
    return this.got.filter((message) => message.type === type);
  }
}

export const answer = { status: 'complete', report: { is: 'here' }, account: [], missing: [], model: 'none' };

export function eventOf(sequence: number, type = 'agent_thinking', payload: unknown = {}) {
  return {
    type,
    run_id: 'run-1',
    thread_id: 't',
    agent_name: 'triage',
    timestamp: '',
    sequence,
    payload,
  };
}

/** A client over connections that the test plays the server of, in time that the test moves. */
export class ScriptedServer {
  readonly clock = new ManualClock();
  readonly connections: ServerSide[] = [];
  readonly transport: Transport = {
    open: (address, listener) => {
      const side = new ServerSide(address, listener);
      this.connections.push(side);
      return side;
    },
  };

  /** The connection that was made last. */
  get last(): ServerSide {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('Nobody connected.');
    return last;
  }

  connect(options: Partial<ClientOptions> = {}): Promise<Client> {
    let runs = 0;
    return connectOn(
      {
        transport: this.transport,
        clock: this.clock,
        dice: { next: () => 1 },
        ids: { next: (kind) => `${kind}-${++runs}` },
      },
      { url: 'ws://server/ws', token: 'jwt', ...options },
    );
  }

  /** A client that is ready. */
  async client(options: Partial<ClientOptions> = {}): Promise<Client> {
    const connecting = this.connect(options);
    await settled();
    this.last.ready();
    return connecting;
  }

  /** Lets this much time pass, in which the client is to connect once more, and says that it is ready. */
  async again(ms = 100): Promise<ServerSide> {
    const before = this.connections.length;
    await this.clock.pass(ms);
    if (this.connections.length !== before + 1)
      throw new Error(`${this.connections.length - before} new connections`);
    return this.last.ready();
  }
}
