import type { Link } from '../../src/client/transport.ts';
import { isJsonObject, type Json } from '../../src/json.ts';
import type { AskAction, Conduct } from './conduct.ts';
import type { Wire } from './wire.ts';

/**
 * The conduct of a client that keeps nothing of its side of the protocol: it does not wait until the server
 * is ready, confirms nothing, answers no gap, and neither comes back nor resumes by itself.
 */
export class RawConduct implements Conduct {
  readonly #wire: Wire;
  #link: Link | null = null;
  #closed = Promise.resolve();
  /** By run, who waits for its end. */
  readonly #waiting = new Map<string, (ended: boolean) => void>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Resolves as soon as the connection is open, ready or not. */
  connect(): Promise<void> {
    this.leave();
    return new Promise((connected) => {
      let closed = (): void => {};
      this.#closed = new Promise((resolve) => {
        closed = resolve;
      });
      const link = this.#wire.transport.open(
        { url: '', protocols: [] },
        {
          opened: connected,
          received: (message) => this.#receive(message as Json | undefined),
          closed: () => {
            closed();
            connected();
            if (this.#link === link) this.#giveUp();
          },
        },
      );
      this.#link = link;
    });
  }

  ask({ run, thread, request }: AskAction): Promise<boolean> {
    if (this.#link === null) return Promise.resolve(false);
    const ended = new Promise<boolean>((resolve) => this.#waiting.set(run, resolve));
    this.#link.send({
      type: 'start_agent',
      run_id: run,
      thread_id: thread,
      payload: { user_request: request },
    });
    return ended;
  }

  leave(): void {
    this.#wire.drop();
    this.#giveUp();
  }

  async close(): Promise<void> {
    if (this.#link === null) return;
    this.#link.close(1000, '');
    await this.#closed;
  }

  #receive(frame: Json | undefined): void {
    if (!isJsonObject(frame) || typeof frame.run_id !== 'string') return;
    const { type, run_id: run } = frame;
    if (type !== 'run_completed' && type !== 'run_failed' && type !== 'error') return;
    this.#waiting.get(run)?.(true);
    this.#waiting.delete(run);
  }

  #giveUp(): void {
    this.#link = null;
    for (const ended of this.#waiting.values()) ended(false);
    this.#waiting.clear();
  }
}
