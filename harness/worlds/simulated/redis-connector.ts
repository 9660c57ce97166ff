import type { RedisOptions } from 'ioredis';
import type { StreamEnd } from './stream-end.ts';

/** What ioredis takes as `Connector`: connects in memory where it would have opened a socket. */
export function connectorTo(dial: () => StreamEnd): NonNullable<RedisOptions['Connector']> {
  // Bound, and no class of its own: the engine keeps what a class reaches until it looks through all its memory.
  return SimulatedConnector.bind(null, dial) as unknown as NonNullable<RedisOptions['Connector']>;
}

class SimulatedConnector {
  readonly #dial: () => StreamEnd;
  connecting = false;
  firstError: Error | undefined;
  #stream: StreamEnd | null = null;

  constructor(dial: () => StreamEnd) {
    this.#dial = dial;
  }

  check(): boolean {
    return true;
  }

  async connect(): Promise<never> {
    this.connecting = true;
    this.#stream = this.#dial();
    this.#stream.once('error', (error) => {
      this.firstError = error;
    });
    // ioredis asks for a net.Socket and uses the part of it that a StreamEnd has.
    return this.#stream as never;
  }

  disconnect(): void {
    this.connecting = false;
    this.#stream?.end();
  }
}
