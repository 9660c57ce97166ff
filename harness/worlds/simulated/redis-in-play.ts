import type { Recorder } from '../../history.ts';
import type { ProcessFate } from '../../process-fault.ts';
import { RedisConnection } from '../../redis/connection.ts';
import type { SimulatedRedis } from '../../redis/server.ts';
import type { GateConnection, GateEnd } from '../../wires/gate-contract.ts';
import type { Kernel } from './kernel.ts';

/** What befalls Redis, of all that befalls processes. */
export type RedisFate = Extract<ProcessFate, { do: `${string}-redis` }>;

/** The simulated Redis as a process of one play: it may stand still, be in a bad way, die and come back. */
export class RedisInPlay {
  readonly #kernel: Kernel;
  readonly #recorder: Recorder;
  readonly #redis: SimulatedRedis;
  readonly #links = new Set<Link>();
  #instance = 1;
  #up = true;
  /** What comes while it stands still, and how many faults hold it. */
  readonly #held: (() => void)[] = [];
  #stalls = 0;
  #full = 0;
  #away = 0;
  #readOnly = 0;

  constructor(options: {
    readonly kernel: Kernel;
    readonly recorder: Recorder;
    readonly redis: SimulatedRedis;
  }) {
    this.#kernel = options.kernel;
    this.#recorder = options.recorder;
    this.#redis = options.redis;
  }

  /** Whether it is as it should be. */
  get settled(): boolean {
    return this.#up && this.#stalls + this.#full + this.#readOnly === 0;
  }

  /** The server's end of a new connection; null: nobody listens. `gate` is known once both ends are. */
  connect(gate: () => GateConnection | null): GateEnd | null {
    if (!this.#up || this.#away > 0) return null;
    const connection = new RedisConnection(
      this.#redis,
      (bytes) => this.#take(link, () => gate()?.fromServer(bytes)),
      () => this.#take(link, () => this.#closed(link, gate)),
    );
    const link: Link = { open: true, connection, breaks: () => gate()?.serverReset() };
    this.#links.add(link);
    return {
      write: (bytes, parsed) =>
        this.#take(link, () => {
          if (isCommand(parsed)) connection.command(parsed);
          else connection.bytes(bytes);
        }),
      end: () => this.#take(link, () => connection.close()),
      reset: () => this.#take(link, () => connection.close()),
    };
  }

  /** Nobody takes connections, until the returned function is called; who is connected stays so. */
  beAway(): () => void {
    this.#away++;
    return () => {
      this.#away--;
    };
  }

  befall(fate: RedisFate, ended: () => void): void {
    switch (fate.do) {
      case 'kill-redis':
        if (this.#up) this.#kill(fate, ended);
        else ended();
        return;
      case 'stall-redis':
        this.#stalls++;
        this.#kernel.after(fate.ms, () => {
          this.#stalls--;
          ended();
          while (this.#stalls === 0) {
            const next = this.#held.shift();
            if (next === undefined) return;
            next();
          }
        });
        return;
      case 'fill-redis':
        this.#redis.full = ++this.#full > 0;
        this.#kernel.after(fate.ms, () => {
          this.#redis.full = --this.#full > 0;
          ended();
        });
        return;
      case 'read-only-redis':
        this.#redis.readOnly = ++this.#readOnly > 0;
        this.#kernel.after(fate.ms, () => {
          this.#redis.readOnly = --this.#readOnly > 0;
          ended();
        });
        return;
    }
  }

  #kill({ backAfterMs, data }: Extract<RedisFate, { do: 'kill-redis' }>, ended: () => void): void {
    this.#up = false;
    this.#held.length = 0;
    this.#recorder.record({ ...this.#process('process-exited'), cause: 'killed', code: 'SIGKILL' });
    for (const link of this.#links) {
      link.open = false;
      link.connection.close();
      link.breaks();
    }
    this.#links.clear();
    this.#kernel.after(backAfterMs, () => {
      if (data === 'lost') this.#redis.lose();
      this.#up = true;
      this.#instance++;
      this.#recorder.record(this.#process('process-started'));
      ended();
    });
  }

  #take(link: Link, run: () => void): void {
    if (!link.open) return;
    if (this.#stalls === 0) run();
    else this.#held.push(() => link.open && run());
  }

  #closed(link: Link, gate: () => GateConnection | null): void {
    link.open = false;
    this.#links.delete(link);
    gate()?.serverEnded();
  }

  #process<T extends 'process-started' | 'process-exited'>(
    type: T,
  ): { type: T; actor: string; process: string; instance: number } {
    return { type, actor: 'world', process: 'redis', instance: this.#instance };
  }
}

interface Link {
  open: boolean;
  readonly connection: RedisConnection;
  breaks(): void;
}

function isCommand(parsed: unknown): parsed is readonly string[] {
  return Array.isArray(parsed);
}
