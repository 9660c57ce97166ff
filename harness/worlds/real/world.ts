import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Case } from '../../case.ts';
import { Director } from '../../director.ts';
import { HarnessError } from '../../errors.ts';
import type { History } from '../../history.ts';
import { directHost } from '../../instrument/direct-host.ts';
import { type FakeModelServer, startFakeModelServer } from '../../model/fake-server.ts';
import { ScriptedModel } from '../../model/model-call.ts';
import type { ProcessFaultCarrier } from '../../process-fault.ts';
import { keyPrefix as usualPrefix } from '../../reference/config.ts';
import { metricEvents } from '../../reference/metrics-text.ts';
import { createClientProtocol } from '../../wires/client-protocol.ts';
import { createRedisProtocol } from '../../wires/redis-protocol.ts';
import type { PlayOptions, World } from '../../world.ts';
import { LacksInPlay } from '../lacks-in-play.ts';
import { ActivityRecorder } from '../simulated/activity.ts';
import { caseStarted, processName, unplayable } from '../simulated/case-started.ts';
import { type Versions, versionsOf } from '../simulated/loading.ts';
import { healthEvent, probe } from '../simulated/probe.ts';
import { PipelineNursery, ProcessInPlay, type ProcessVersion } from './process-in-play.ts';
import { dialRedis } from './redis/dial.ts';
import { type OpenedRedis, openRedis } from './redis/open-redis.ts';
import type { RedisWish } from './redis/redis-source.ts';
import { RedisInPlay } from './redis-in-play.ts';
import { everyRunEnded } from './runs-ended.ts';
import { openStoreAtRest, type StoreAtRest } from './store-at-rest.ts';
import { openTcpGate, type TcpGate } from './tcp-gate.ts';
import { usersOf } from './users.ts';
import { wallClock } from './wall-clock.ts';

export interface RealWorldOptions {
  readonly redis: RedisWish;
  /** Told what takes long, one line each. */
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The real world, and a line for each better Redis that could not be had. */
export type RealWorld = World & { readonly name: 'real'; readonly notes: readonly string[] };

/**
 * The reference pipeline as a child process, real sockets on loopback, a real Redis, a scripted model over
 * HTTP. Rejects with a HarnessError: `environment` where the Redis that was asked for cannot be had.
 */
export async function createRealWorld(options: RealWorldOptions): Promise<RealWorld> {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne();
  };
  try {
    const nursery = new PipelineNursery();
    opened.push(() => nursery.close());
    nursery.prepare();
    const redis = await openRedis(options.redis, {
      env: process.env,
      progress: options.progress ?? (() => {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    opened.push(() => redis.close());
    const stage = await openStage(nursery, redis);
    opened.push(() => stage.close());
    options.signal?.throwIfAborted();
    return worldOn(stage, redis, close);
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** What stands for the whole life of a world; plays come and go on it. */
interface Stage {
  readonly nursery: PipelineNursery;
  readonly redisGate: TcpGate;
  readonly clientGate: TcpGate;
  readonly model: FakeModelServer;
  readonly redis: RedisInPlay;
  /** On the server as it is now: another after a restart. */
  store: StoreAtRest;
  readonly keyPrefix: string;
  /** Whom the gates and the model serve. */
  playing: RealPlay | null;
  close(): Promise<void>;
}

async function openStage(nursery: PipelineNursery, redis: OpenedRedis): Promise<Stage> {
  // Nobody else's keys begin so, whatever else lives on that server.
  const keyPrefix = `${usualPrefix}${randomBytes(6).toString('hex')}:`;
  const inPlay = new RedisInPlay(redis, (address) => {
    stage.store.close();
    stage.store = openStoreAtRest(address, keyPrefix);
  });
  const redisGate = await openTcpGate(async () => {
    const { address } = inPlay;
    return address === null ? dialUrl(null) : dialRedis(address);
  });
  const clientGate = await openTcpGate(() => dialUrl(stage.playing?.nextUrl() ?? null));
  const model = await startFakeModelServer(() => stage.playing?.model);
  const stage: Stage = {
    nursery,
    redisGate,
    clientGate,
    model,
    redis: inPlay,
    store: openStoreAtRest(redis.address, keyPrefix),
    keyPrefix,
    playing: null,
    close: async () => {
      stage.playing?.abandon();
      await Promise.all([redisGate.close(), clientGate.close(), model.close()]);
      await stage.store.empty().catch(() => {});
      stage.store.close();
    },
  };
  return stage;
}

function worldOn(stage: Stage, redis: OpenedRedis, close: () => Promise<void>): RealWorld {
  let last: Promise<unknown> = Promise.resolve();
  return {
    name: 'real',
    redis: { kind: redis.kind, version: redis.version },
    notes: redis.notes,
    // One at a time: the gates of a world serve one play.
    play: (playing, options = {}) => {
      const history = last.then(() => playOn(stage, playing, options));
      last = history.catch(() => {});
      return history;
    },
    close,
  };
}

async function playOn(stage: Stage, playing: Case, options: PlayOptions): Promise<History> {
  const { signal } = options;
  signal?.throwIfAborted();
  // Loading its code is no part of a case.
  await stage.nursery.ready();
  signal?.throwIfAborted();
  const play = new RealPlay(stage, playing, options, await versionsOf(playing, options.module));
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal?.reason);
  });
  aborted.catch(() => {});
  signal?.addEventListener('abort', onAbort, { once: true });
  stage.playing = play;
  try {
    return await Promise.race([play.history(), play.failed, aborted]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    play.abandon();
    stage.playing = null;
    await stage.redis.mend();
    await stage.store.empty();
  }
}

/** After so long a case is out of time. */
const caseMs = 180_000;
/** Every run has ended, and nothing happened for so long: the play is over. */
const quietMs = 20;
/** Some run has not ended, and nothing happened in any for so long: none will. Longer than a run may be silent. */
const silentMs = 5_000;

class RealPlay {
  readonly model: ScriptedModel;
  /** Rejects when the harness itself fails. */
  readonly failed: Promise<never>;
  readonly #stage: Stage;
  readonly #playing: Case;
  readonly #clock = wallClock();
  readonly #recorder: ActivityRecorder;
  readonly #director: Director;
  readonly #options: PlayOptions;
  readonly #versions: Versions;
  readonly #gateways: readonly ProcessInPlay[];
  readonly #lacks: LacksInPlay;
  readonly #fail: (thrown: unknown) => void;
  #turns = 0;
  /** Milliseconds by which the pipeline's clock has jumped. */
  #clockErrorMs = 0;

  constructor(stage: Stage, playing: Case, options: PlayOptions, versions: Versions) {
    const clock = this.#clock;
    const recorder = new ActivityRecorder(() => clock.now());
    this.#stage = stage;
    this.#options = options;
    this.#versions = versions;
    this.#playing = playing;
    this.#recorder = recorder;
    const director = new Director({ playing, recorder, clock, processes: this.#processes });
    this.#director = director;
    this.model = new ScriptedModel({ playing, director, recorder, clock });
    let fail: (thrown: unknown) => void = () => {};
    this.failed = new Promise((_resolve, reject) => {
      fail = reject;
    });
    this.failed.catch(() => {});
    this.#fail = fail;
    this.#lacks = new LacksInPlay({
      playing,
      clock,
      recorder,
      carrier: {
        whyNot: (fate) => stage.redis.whyNot(fate),
        readOnlyRedis: (ms, ended) => stage.redis.befall({ do: 'read-only-redis', ms }, ended),
        redisAway: () => stage.redis.beAway(),
        modelIs: (how) => this.model.keep(how),
      },
    });
    let instances = 0;
    const host = directHost(director, recorder);
    this.#gateways = (playing.secondGateway === undefined ? [1] : [1, 2]).map(
      (gateway) =>
        new ProcessInPlay({
          nursery: stage.nursery,
          setup: {
            redisPort: stage.redisGate.port,
            modelUrl: stage.model.url,
            keyPrefix: stage.keyPrefix,
            seed: playing.seed,
            ...(playing.limits === undefined ? {} : { limits: playing.limits }),
            ...(playing.agentPlace === undefined ? {} : { agentPlace: playing.agentPlace }),
          },
          clockErrorMs: () => this.#clockErrorMs,
          startup: () => this.#startup(),
          nextInstance: () => ++instances,
          version: this.#versionNamed(playing.version, gateway),
          host,
          recorder,
          clock,
          failed: fail,
        }),
    );
  }

  readonly #processes: ProcessFaultCarrier = {
    whyNot: (fate) =>
      fate.do === 'kill-gateway' && fate.gateway === 2 && this.#playing.secondGateway === undefined
        ? 'there is no second gateway'
        : this.#stage.redis.whyNot(fate),
    carryOut: (fate, ended) => {
      if (fate.do === 'kill-gateway') {
        this.#gateways[(fate.gateway ?? 1) - 1]?.kill(fate.backAfterMs, ended);
      } else if (fate.do === 'fill-memory') {
        void this.#gateways[0]?.fill(fate.bytes, fate.ms, ended);
      } else if (fate.do === 'jump-clock') {
        this.#clockErrorMs += fate.byMs;
        for (const gateway of this.#gateways) gateway.jump(fate.byMs);
      } else if (fate.do === 'model-down') this.model.goAway(fate.ms, ended);
      else this.#stage.redis.befall(fate, ended);
    },
  };

  /** Where the next connection goes; null while nobody serves. */
  nextUrl(): string | null {
    const turn = this.#playing.secondGateway === 'takes-turns' ? this.#turns++ % 2 : 0;
    const urls = this.#gateways.map(({ url }) => url);
    return urls[turn] ?? urls.find((url) => url !== null) ?? null;
  }

  async history(): Promise<History> {
    const recorder = this.#recorder;
    const { nursery, redis } = this.#stage;
    await redis.begin(this.#playing, { recorder, clock: this.#clock, failed: this.#fail });
    recorder.record(caseStarted(this.#playing, 'real'));
    for (const skipped of unplayable(this.#playing, this.#processes)) recorder.record(skipped);
    this.#openGates();
    this.#lacks.begin();
    for (const gateway of this.#gateways) await gateway.start();
    // Who is killed is back when the case says so, and not when its code has loaded.
    if (this.#playing.process?.some(({ fate }) => fate.do === 'kill-gateway')) nursery.prepare();
    const inTime = await this.#playUsers();
    if (inTime) await this.#quiet();
    await this.#lookAround();
    for (const gateway of this.#gateways) await gateway.stop();
    recorder.record({ type: 'case-ended', actor: 'world', reason: inTime ? 'quiet' : 'out-of-time' });
    const { schema, events } = recorder.history();
    // What still comes in from sockets that are being closed belongs to no history.
    return { schema, events: [...events] };
  }

  /** Ends everything of this play that may still be there. */
  abandon(): void {
    this.#clock.stop();
    for (const gateway of this.#gateways) gateway.abandon();
    this.#stage.clientGate.rest();
    this.#stage.redisGate.rest();
  }

  /** What is lacking still, for a process that starts now. */
  #startup(): Case['startup'] {
    const { startup } = this.#playing;
    if (startup === undefined) return undefined;
    const now = this.#clock.now();
    const lacks = this.#lacks.playable
      .filter((lack) => !this.#lacks.isOver(lack))
      .map((lack) => (lack.forMs === undefined ? lack : { ...lack, forMs: Math.ceil(lack.forMs - now) }));
    return { ...startup, lacks };
  }

  #versionNamed(version: string | undefined, gateway: number): ProcessVersion {
    const swapped = version === undefined ? this.#options.defect : this.#versions.get(version);
    return { name: processName(version, gateway), ...(swapped === undefined ? {} : { defect: swapped }) };
  }

  #openGates(): void {
    const director = this.#director;
    const clock = this.#clock;
    const { redisGate, clientGate, keyPrefix } = this.#stage;
    redisGate.begin({ protocol: createRedisProtocol({ keyPrefix }), director, clock });
    clientGate.begin({ protocol: createClientProtocol(), director, clock });
  }

  /** False: out of time. */
  async #playUsers(): Promise<boolean> {
    const users = usersOf(this.#playing, {
      url: `ws://127.0.0.1:${this.#stage.clientGate.port}/ws`,
      recorder: this.#recorder,
      clock: this.#clock,
      deploy: async (version) => {
        for (const [index, gateway] of this.#gateways.entries()) {
          await gateway.replace(this.#versionNamed(version, index + 1));
        }
      },
      dialRaw: () => this.#dial(),
    });
    let cancel = (): void => {};
    const late = new Promise<false>((resolve) => {
      cancel = this.#clock.after(caseMs, () => resolve(false));
    });
    const done = Promise.all(users.map((user) => user.play())).then(() => true);
    const inTime = await Promise.race([done, late]);
    cancel();
    for (const user of users) user.stop();
    return inTime;
  }

  #dial(): Socket {
    const url = this.#gateways.map((gateway) => gateway.url).find((each) => each !== null);
    return connect({ host: '127.0.0.1', port: portOf(url ?? null), noDelay: true });
  }

  /** Whatever was done to a process is over. */
  get #settled(): boolean {
    return this.#stage.redis.settled && this.model.settled && this.#gateways.every(({ settled }) => settled);
  }

  async #quiet(): Promise<void> {
    for (;;) {
      const isOver =
        this.#gateways.every(({ isDownForGood }) => isDownForGood) ||
        everyRunEnded(this.#playing, this.#recorder.history());
      const ms = isOver ? quietMs : silentMs;
      const still = this.#clock.now() - this.#recorder.lastActivityAt;
      if (still >= ms && this.#settled) return;
      // Whether it is over may be seen any time.
      await new Promise<void>((resolve) =>
        this.#clock.after(Math.min(Math.max(ms - still, 10), 250), resolve),
      );
    }
  }

  /** Reads health, figures and the store, as they are at rest. */
  async #lookAround(): Promise<void> {
    const recorder = this.#recorder;
    const dial = (): Socket => this.#dial();
    recorder.record(healthEvent('ready', await probe(dial, '/ready')));
    const metrics = await probe(dial, '/metrics');
    if (metrics.status === 200) for (const event of metricEvents(metrics.body)) recorder.record(event);
    try {
      for (const event of await this.#stage.store.read()) recorder.record(event);
    } catch (thrown) {
      throw new HarnessError(
        'environment',
        'The Redis of this run went away while a case was played.',
        'Check that nobody else stops it, then run again.',
        thrown,
      );
    }
  }
}

function portOf(url: string | null): number {
  // Port 1 refuses: the pipeline is down.
  return url === null ? 1 : Number(new URL(url).port);
}

function dialUrl(url: string | null): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: portOf(url), noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
