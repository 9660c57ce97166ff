import { type Client, type ClientPlatform, createClient } from '../../src/client/client.ts';
import { ClientError } from '../../src/client/client-error.ts';
import type { Run } from '../../src/client/run.ts';
import type { WorldClock } from '../clock.ts';
import { rollFor } from '../dice.ts';
import type { AskAction, Conduct } from './conduct.ts';
import type { Wire } from './wire.ts';

export interface ClientConductOptions {
  readonly user: string;
  readonly wire: Wire;
  readonly clock: WorldClock;
  /** Milliseconds that the application takes over each event; undefined: it wants the answer alone. */
  readonly takesMs: number | undefined;
}

/** The conduct of an application that uses the client library. */
export class ClientConduct implements Conduct {
  readonly #options: ClientConductOptions;
  readonly #platform: ClientPlatform;
  readonly #asked: Asked[] = [];
  #client: Client | null = null;

  constructor(options: ClientConductOptions) {
    this.#options = options;
    const { clock, user, wire } = options;
    let rolled = 0;
    let ids = 0;
    this.#platform = {
      transport: wire.transport,
      clock,
      dice: { next: () => rollFor(0, `pause/${user}/${++rolled}`) },
      ids: { next: (kind) => `${kind}-of-${user}-${++ids}` },
    };
  }

  async connect(): Promise<void> {
    this.leave();
    // Why not, the history tells.
    await this.#open().ready.catch(() => {});
  }

  async ask(action: AskAction): Promise<boolean> {
    const asked: Asked = { action, run: null, ended: null, hasEnded: false };
    this.#asked.push(asked);
    if (this.#client === null) this.#open();
    else this.#follow(this.#client, asked);
    return (await asked.ended) ?? false;
  }

  leave(): void {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    this.#options.wire.drop();
    void client.close();
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  #open(): ReturnType<typeof createClient> {
    const client = createClient(this.#platform, { ...settings, token: this.#options.user });
    this.#client = client;
    void client.closed.then(() => {
      if (this.#client === client) this.#client = null;
    });
    for (const asked of this.#asked) if (!asked.hasEnded) this.#follow(client, asked);
    return client;
  }

  /** Asks; or resumes where an earlier connection had come to. */
  #follow(client: Client, asked: Asked): void {
    const { run: run_id, thread: thread_id, request } = asked.action;
    const before = asked.run;
    const run =
      before?.accepted === true
        ? client.resume({ run_id, after: before.received })
        : client.ask({ run_id, thread_id, request });
    asked.run = run;
    asked.ended = this.#takeAll(run).then(
      () => {
        asked.hasEnded = true;
        return true;
      },
      (thrown: unknown) => {
        // What the server says of the run is its end; that the connection is gone for good is not.
        asked.hasEnded ||= thrown instanceof ClientError && thrown.runId !== undefined;
        return asked.hasEnded;
      },
    );
  }

  async #takeAll(run: Run): Promise<void> {
    const { clock, takesMs } = this.#options;
    if (takesMs === undefined) {
      await run.answer;
      return;
    }
    for await (const _ of run) await new Promise<void>((resolve) => clock.after(takesMs, resolve));
  }
}

interface Asked {
  readonly action: AskAction;
  run: Run | null;
  /** Whether it has ended, once that is known on the present connection. */
  ended: Promise<boolean> | null;
  hasEnded: boolean;
}

/** The address is the world's affair: its `dial` knows where the pipeline is. */
const settings = {
  url: 'ws://pipeline/ws',
  attempts: 8,
  firstPauseMs: 100,
  readyMs: 5_000,
  confirmAfterMs: 20,
} as const;
