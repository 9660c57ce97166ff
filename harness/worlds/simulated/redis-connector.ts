import type { RedisOptions } from 'ioredis';
import type { StreamEnd } from './stream-end.ts';

/** The class that ioredis takes as `Connector`: connects in memory where it would have opened a socket. */
export function connectorTo(dial: () => StreamEnd): NonNullable<RedisOptions['Connector']> {
  return class {
    connecting = false;
    firstError: Error | undefined;
    #stream: StreamEnd | null = null;

    check(): boolean {
      return true;
    }

    async connect(): Promise<never> {
      this.connecting = true;
      this.#stream = dial();
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
  } as unknown as NonNullable<RedisOptions['Connector']>;
}
