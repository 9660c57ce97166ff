import type { Case } from '../../case.ts';
import type { WorldClock } from '../../clock.ts';
import { HarnessError, wordsOf } from '../../errors.ts';
import type { Recorder } from '../../history.ts';
import type { ProcessFate } from '../../process-fault.ts';
import type { RedisFate } from '../simulated/redis-in-play.ts';
import type { RedisAddress } from './redis/address.ts';
import { askRedis } from './redis/dial.ts';
import type { RedisServer } from './redis/redis-source.ts';

/** What a play lends to the Redis that it is played on. */
export interface PlayOnRedis {
  readonly recorder: Recorder;
  readonly clock: WorldClock;
  /** The harness itself failed: Redis could not be broken or mended. */
  readonly failed: (thrown: unknown) => void;
}

/** What can be undone, in the order in which it is begun. */
type Ailment = 'stall-redis' | 'fill-redis' | 'read-only-redis';

const patienceMs = 20_000;

/**
 * The Redis of a real world through all its plays: in each it may stand still, be in a bad way, die and come
 * back. A server that the run did not start is never touched.
 */
export class RedisInPlay {
  readonly #server: RedisServer;
  readonly #restarted: (address: RedisAddress) => void;
  /** How many faults under way ask for it. */
  readonly #under = new Map<Ailment, number>();
  /** What the server suffers from now. */
  readonly #suffers = new Set<Ailment>();
  #address: RedisAddress;
  #up = true;
  #away = 0;
  #writesDown = false;
  #play: PlayOnRedis | null = null;
  #instance = 1;
  /** Everything that is done to it, one after the other. */
  #work: Promise<unknown> = Promise.resolve();
  #busy = 0;

  /** `restarted`: it came back, perhaps elsewhere. */
  constructor(server: RedisServer, restarted: (address: RedisAddress) => void) {
    this.#server = server;
    this.#address = server.address;
    this.#restarted = restarted;
  }

  /** Where it is; null while it is down. */
  get address(): RedisAddress | null {
    return this.#up && this.#away === 0 ? this.#address : null;
  }

  /** Nobody takes connections, until the returned function is called; who is connected stays so. */
  beAway(): () => void {
    const play = this.#play;
    this.#away++;
    return () => {
      if (this.#play === play && this.#away > 0) this.#away--;
    };
  }

  /** Whether it is as it should be. */
  get settled(): boolean {
    return this.#up && this.#busy === 0 && [...this.#under.values()].every((count) => count === 0);
  }

  whyNot(fate: ProcessFate): string | null {
    if (!isRedisFate(fate)) return null;
    if (!this.#server.owned) return 'the Redis server is not of this run, and others may use it';
    const needsProcess = fate.do === 'kill-redis' || fate.do === 'stall-redis';
    return needsProcess && this.#server.process === undefined ? 'an embedded Redis has no process' : null;
  }

  /** Before a play: what it will need if the server is killed and keeps its data. */
  async begin(playing: Case, play: PlayOnRedis): Promise<void> {
    this.#play = play;
    this.#instance = 1;
    const kept = playing.process?.some(({ fate }) => fate.do === 'kill-redis' && fate.data === 'kept');
    if (kept !== true || this.#server.process === undefined) return;
    this.#writesDown = true;
    await askRedis(this.#address, ['CONFIG', 'SET', 'appendonly', 'yes']);
    await until(async () => {
      const info = await askRedis(this.#address, ['INFO', 'persistence']);
      return /aof_enabled:1/.test(info) && !/aof_rewrite_(in_progress|scheduled):1/.test(info);
    });
  }

  befall(fate: RedisFate, ended: () => void): void {
    const play = this.#play;
    if (play === null) return;
    if (fate.do === 'kill-redis') {
      this.#queue(async () => {
        if (this.#up) await this.#kill(play);
      });
      play.clock.after(fate.backAfterMs, () =>
        this.#queue(async () => {
          if (!this.#up) await this.#start(fate.data, play);
          ended();
        }),
      );
      return;
    }
    const { do: ailment, ms } = fate;
    this.#under.set(ailment, (this.#under.get(ailment) ?? 0) + 1);
    this.#queue(() => this.#apply(ailment));
    play.clock.after(ms, () => {
      this.#under.set(ailment, (this.#under.get(ailment) ?? 1) - 1);
      this.#queue(async () => {
        await this.#apply(ailment);
        ended();
      });
    });
  }

  /** After a play: as it was before, whatever was still being done to it. */
  async mend(): Promise<void> {
    this.#play = null;
    this.#away = 0;
    await this.#work;
    this.#under.clear();
    for (const ailment of [...this.#suffers]) await this.#apply(ailment);
    if (!this.#up) await this.#start('lost', null);
    if (this.#writesDown) await askRedis(this.#address, ['CONFIG', 'SET', 'appendonly', 'no']);
    this.#writesDown = false;
  }

  #queue(work: () => Promise<void>): void {
    const play = this.#play;
    this.#busy++;
    this.#work = this.#work
      .then(work)
      .catch((thrown: unknown) =>
        play?.failed(
          new HarnessError(
            'environment',
            `The Redis of this run could not be broken, or mended, as a case asks for it: ${wordsOf(thrown)}.`,
            'Check that nobody else stops it, then run again.',
            thrown,
          ),
        ),
      )
      .finally(() => {
        this.#busy--;
      });
  }

  /** Brings the server to what the faults under way ask for. */
  async #apply(ailment: Ailment): Promise<void> {
    const on = (this.#under.get(ailment) ?? 0) > 0;
    if (!this.#up || on === this.#suffers.has(ailment)) return;
    // One that stands still hears nothing: it is told as soon as it goes on.
    if (ailment !== 'stall-redis' && this.#suffers.has('stall-redis') && this.#server.ail === undefined)
      return;
    if (on) this.#suffers.add(ailment);
    else this.#suffers.delete(ailment);
    if (ailment === 'stall-redis') {
      await this.#server.process?.stall(on);
      if (!on)
        for (const other of new Set([...this.#under.keys(), ...this.#suffers])) await this.#apply(other);
    } else if (this.#server.ail !== undefined)
      this.#server.ail(ailment === 'fill-redis' ? 'full' : 'readOnly', on);
    else if (ailment === 'fill-redis') {
      await askRedis(this.#address, ['CONFIG', 'SET', 'maxmemory', on ? '1' : '0']);
    } else {
      // Of a primary that nobody can reach, so that it keeps what it has.
      await askRedis(this.#address, on ? ['REPLICAOF', '127.0.0.1', '1'] : ['REPLICAOF', 'NO', 'ONE']);
    }
  }

  async #kill({ recorder }: PlayOnRedis): Promise<void> {
    this.#up = false;
    // A container that stands still cannot be killed.
    if (this.#suffers.has('stall-redis')) await this.#server.process?.stall(false);
    await this.#server.process?.kill();
    this.#suffers.clear();
    recorder.record({ ...this.#event('process-exited'), cause: 'killed', code: 'SIGKILL' });
  }

  async #start(data: 'kept' | 'lost', play: PlayOnRedis | null): Promise<void> {
    const address = await this.#server.process?.start();
    if (address === undefined) return;
    await until(async () => (await askRedis(address, ['PING'])).startsWith('+PONG'));
    if (data === 'lost') await askRedis(address, ['FLUSHALL']);
    this.#address = address;
    this.#up = true;
    // It writes down what it does again from its start on.
    this.#writesDown = true;
    this.#restarted(address);
    this.#instance++;
    play?.recorder.record(this.#event('process-started'));
    for (const ailment of this.#under.keys()) await this.#apply(ailment);
  }

  #event<T extends 'process-started' | 'process-exited'>(
    type: T,
  ): { type: T; actor: string; process: string; instance: number } {
    return { type, actor: 'world', process: 'redis', instance: this.#instance };
  }
}

function isRedisFate(fate: ProcessFate): fate is RedisFate {
  return fate.do.endsWith('-redis');
}

/** Asks again and again; an error is a no. Rejects with the last one when it takes too long. */
async function until(met: () => Promise<boolean>): Promise<void> {
  for (const latest = Date.now() + patienceMs; ; ) {
    try {
      if (await met()) return;
    } catch (thrown) {
      if (Date.now() > latest) throw thrown;
    }
    if (Date.now() > latest) throw new Error(`not within ${patienceMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
