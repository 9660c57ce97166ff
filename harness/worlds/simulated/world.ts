import { createHealthyParts } from '../../../src/healthy-parts.ts';
import type { Parts } from '../../../src/parts.ts';
import type { Case } from '../../case.ts';
import type { WorldClock } from '../../clock.ts';
import { Director } from '../../director.ts';
import { HarnessError, wordsOf } from '../../errors.ts';
import { knockerOf } from '../../handshake/knocker.ts';
import type { RawStream } from '../../handshake/raw-web-socket.ts';
import type { History } from '../../history.ts';
import { directHost } from '../../instrument/direct-host.ts';
import { instrument } from '../../instrument/instrument.ts';
import { lackingConfig, lackingParts, lackingPorts } from '../../instrument/lacking.ts';
import { ScriptedModel } from '../../model/model-call.ts';
import { createSimulatedFetch } from '../../model/simulated-fetch.ts';
import { createUsage } from '../../model/usage.ts';
import type { ProcessFaultCarrier } from '../../process-fault.ts';
import { SimulatedRedis } from '../../redis/server.ts';
import { snapshotOf } from '../../redis/snapshot.ts';
import { keyPrefix, patienceMs, referenceConfig } from '../../reference/config.ts';
import { loggedEvent } from '../../reference/log-lines.ts';
import { metricEvents } from '../../reference/metrics-text.ts';
import { inTexts, storedEvents } from '../../reference/roads.ts';
import { SimulatedUser } from '../../users/user.ts';
import { createClientProtocol } from '../../wires/client-protocol.ts';
import { createRedisProtocol } from '../../wires/redis-protocol.ts';
import { LacksInPlay } from '../lacks-in-play.ts';
import { startRefusalIn } from '../start-refusal.ts';
import { ActivityRecorder } from './activity.ts';
import { Boundary } from './boundary.ts';
import { caseStarted, processName, unplayable } from './case-started.ts';
import { dialWebSocket } from './dial-web-socket.ts';
import { Gateways } from './gateways.ts';
import { epoch, onStage, stageFor } from './globals/stage.ts';
import { Instance } from './instance.ts';
import { portsOf } from './instance-ports.ts';
import { Kernel, type Outcome, type Realm } from './kernel.ts';
import { latencyOf } from './latency.ts';
import { Network } from './network.ts';
import { healthEvent, probe } from './probe.ts';
import { RedisInPlay } from './redis-in-play.ts';
import { simulatedRooms } from './rooms.ts';

export interface SimulatedPlayOptions {
  /** Swaps parts of the healthy pipeline; `version` as in `Case['version']`. */
  parts?(healthy: Parts, version: string | undefined): Parts;
}

/**
 * Plays one case in virtual time. The thread's globals must be replaced (`globals.ts`), and it must play
 * nothing else meanwhile. Rejects with a HarnessError when something outside the pipeline throws.
 */
export async function playSimulated(playing: Case, options: SimulatedPlayOptions = {}): Promise<History> {
  if (onStage.play !== null)
    throw new HarnessError('internal', 'A play is on already.', 'Use one thread each.');
  const play = new SimulatedPlay(playing, options);
  process.on('unhandledRejection', play.uncaught);
  process.on('uncaughtException', play.uncaught);
  onStage.play = stageFor(play.kernel, playing.seed);
  try {
    return await play.history();
  } finally {
    onStage.play = null;
    process.off('unhandledRejection', play.uncaught);
    process.off('uncaughtException', play.uncaught);
    play.forget();
  }
}

/** Virtual milliseconds after which a case is out of time, and events. */
const limits = { timeLimitMs: 900_000, eventLimit: 2_000_000 };

/** Nothing happened in any run for so long: longer than a run may be silent (a hung agent, a hung model). */
const quietMs = 5_000;

/** What probes, and the pipeline's own end, may take. */
const farewellMs = 10_000;

/** What a process of the pipeline has in memory, as far as a simulation goes. */
const usualBytes = 128 * 1024 * 1024;

class SimulatedPlay {
  readonly kernel: Kernel;
  readonly #playing: Case;
  readonly #options: SimulatedPlayOptions;
  readonly #recorder: ActivityRecorder;
  readonly #director: Director;
  readonly #redis: SimulatedRedis;
  readonly #redisInPlay: RedisInPlay;
  readonly #network: Network;
  readonly #model: ScriptedModel;
  readonly #users: Realm = { name: 'users', alive: true };
  readonly #gateways: Gateways;
  readonly #lacks: LacksInPlay;
  /** Milliseconds by which the pipeline's clock has jumped. */
  #clockError = 0;
  #version: string | undefined;
  /** What processes have in memory, where it is not the usual. */
  readonly #filled = new Map<Realm, number>();
  #failure: HarnessError | null = null;

  constructor(playing: Case, options: SimulatedPlayOptions) {
    this.#playing = playing;
    this.#options = options;
    const kernel = new Kernel({ ...limits, onThrown: (thrown, realm) => this.#thrown(thrown, realm) });
    this.kernel = kernel;
    this.#recorder = new ActivityRecorder(() => kernel.now());
    this.#director = new Director({
      playing,
      recorder: this.#recorder,
      clock: kernel,
      processes: this.#processes,
    });
    this.#redis = new SimulatedRedis({
      now: () => epoch + Math.floor(kernel.now()),
      schedule: (atMs, run) => kernel.after(atMs - epoch - kernel.now(), run),
    });
    this.#redisInPlay = new RedisInPlay({ kernel, recorder: this.#recorder, redis: this.#redis });
    const latency = latencyOf(playing.seed);
    this.#model = new ScriptedModel({
      playing,
      director: this.#director,
      recorder: this.#recorder,
      clock: kernel,
      latency,
    });
    this.#network = new Network({
      kernel,
      director: this.#director,
      seed: playing.seed,
      latency,
      redis: this.#redisInPlay,
      takesTurns: playing.secondGateway === 'takes-turns',
      protocols: { redis: createRedisProtocol({ keyPrefix }), client: createClientProtocol() },
    });
    this.#version = playing.version;
    this.#lacks = new LacksInPlay({
      playing,
      clock: kernel,
      recorder: this.#recorder,
      carrier: {
        whyNot: () => null,
        readOnlyRedis: (ms, ended) => this.#redisInPlay.befall({ do: 'read-only-redis', ms }, ended),
        redisAway: () => this.#redisInPlay.beAway(),
        modelIs: (how) => this.#model.keep(how),
      },
    });
    this.#gateways = new Gateways({
      kernel,
      network: this.#network,
      count: playing.secondGateway === undefined ? 1 : 2,
      create: (gateway, number) => this.#newInstance(gateway, number),
    });
  }

  readonly #processes: ProcessFaultCarrier = {
    whyNot: (fate) =>
      fate.do === 'kill-gateway' && fate.gateway === 2 && this.#playing.secondGateway === undefined
        ? 'there is no second gateway'
        : null,
    carryOut: (fate, ended) => {
      if (fate.do === 'kill-gateway') this.#gateways.kill(fate.gateway ?? 1, fate.backAfterMs, ended);
      else if (fate.do === 'fill-memory') this.#fill(fate.bytes, fate.ms, ended);
      else if (fate.do === 'jump-clock') this.#clockError += fate.byMs;
      else if (fate.do === 'model-down') this.#model.goAway(fate.ms, ended);
      else this.#redisInPlay.befall(fate, ended);
    },
  };

  /** Something in the first gateway's process takes so much memory for a time; it is gone with the process. */
  #fill(bytes: number, ms: number, ended: () => void): void {
    const { name, realm } = this.#gateways.first;
    const change = (by: number): void => {
      if (!realm.alive) return;
      this.#filled.set(realm, this.#memoryOf(realm) + by);
      this.#recorder.record({
        type: 'measured',
        actor: 'world',
        what: 'memory',
        process: name,
        bytes: this.#memoryOf(realm),
      });
    };
    change(bytes);
    this.kernel.after(ms, () => {
      change(-bytes);
      ended();
    });
  }

  #memoryOf(realm: Realm): number {
    return this.#filled.get(realm) ?? usualBytes;
  }

  /** What nobody caught, as the platform reports it: it belongs to the realm whose event is under way. */
  readonly uncaught = (thrown: unknown): void => this.#thrown(thrown, this.kernel.realm);

  async history(): Promise<History> {
    const { kernel } = this;
    this.#recorder.record(caseStarted(this.#playing));
    for (const skipped of unplayable(this.#playing, this.#processes)) this.#recorder.record(skipped);
    this.#lacks.begin();
    this.#gateways.startAll();
    await this.#run(() => this.#gateways.settled);
    const outcome = await this.#playUsers();
    if (outcome !== 'out-of-time') {
      await this.#run(() => kernel.now() >= this.#recorder.lastActivityAt + quietMs && this.#settled);
    }
    await this.#lookAround();
    await this.#gateways.replace((met) => this.#runAtMost(farewellMs, met), 'none');
    this.#recorder.record({
      type: 'case-ended',
      actor: 'world',
      reason: outcome === 'out-of-time' ? 'out-of-time' : 'quiet',
    });
    if (this.#failure !== null) throw this.#failure;
    return this.#recorder.handOver();
  }

  /**
   * A library's functions may reach the whole play, and the engine keeps some of them until it looks through all
   * its memory: what weighs most is not to be reached any more.
   */
  forget(): void {
    this.kernel.stop();
    this.#redis.lose();
  }

  /** Whatever was done to a process is over. */
  get #settled(): boolean {
    return this.#gateways.settled && this.#redisInPlay.settled && this.#model.settled;
  }

  async #playUsers(): Promise<Outcome> {
    const users = this.#playing.users.map((user) => this.#userOf(user));
    let playing = users.length;
    for (const user of users) {
      this.kernel.schedule(
        0,
        () => {
          user.play().then(
            () => playing--,
            (thrown) => this.#thrown(thrown, this.#users),
          );
        },
        this.#users,
      );
    }
    const outcome = await this.#run(() => playing === 0);
    for (const user of users) user.stop();
    // Nothing left to do and somebody still waiting: time would go on for ever, and bring nothing.
    return playing === 0 ? 'met' : outcome === 'quiet' ? 'out-of-time' : outcome;
  }

  /** No gate: it would put together what comes in pieces. */
  #dialRaw(): RawStream {
    const stream = this.#network.probePipeline(this.#users);
    const reset = (): void => {
      stream.abandon();
      stream.destroy();
    };
    return { stream, reset };
  }

  #userOf(user: Case['users'][number]): SimulatedUser {
    const { kernel } = this;
    const clock: WorldClock = {
      now: () => kernel.now(),
      after: (ms, run) => {
        const event = kernel.schedule(ms, run, this.#users);
        return () => {
          event.run = null;
        };
      },
    };
    return new SimulatedUser({
      user,
      clock,
      recorder: this.#recorder,
      patienceMs,
      deploy: (version) => this.#deploy(version),
      knock: knockerOf(user.id, {
        clock,
        recorder: this.#recorder,
        nowMs: () => epoch + kernel.now(),
        dial: () => this.#dialRaw(),
      }),
      dial: (id) => dialWebSocket(id, () => this.#network.dialPipeline(this.#users), epoch + kernel.now()),
    });
  }

  /** Reads health, figures and the stores, as they are at rest. */
  async #lookAround(): Promise<void> {
    const asked = ['/ready', '/metrics'].map((path) => {
      const answer: { reply: Awaited<ReturnType<typeof probe>> | null } = { reply: null };
      this.kernel.schedule(
        0,
        () => {
          void probe(() => this.#network.probePipeline(this.#users), path).then((reply) => {
            answer.reply = reply;
          });
        },
        this.#users,
      );
      return answer;
    });
    await this.#runAtMost(farewellMs, () => asked.every(({ reply }) => reply !== null));
    const [ready, metrics] = asked.map(({ reply }) => reply ?? { status: 0, body: '' });
    if (ready !== undefined) this.#recorder.record(healthEvent('ready', ready));
    if (metrics?.status === 200) {
      for (const event of metricEvents(metrics.body)) this.#recorder.record(event);
    }
    for (const key of snapshotOf(this.#redis)) {
      for (const event of storedEvents(keyPrefix, inTexts(key))) this.#recorder.record(event);
    }
  }

  #newInstance(gateway: number, number: number): Instance {
    const { kernel } = this;
    const { seed } = this.#playing;
    const realm: Realm = { name: `pipeline-${number}`, alive: true };
    const boundary = new Boundary(kernel, realm);
    const calls = new Set<() => void>();
    const rooms = simulatedRooms(kernel, realm, () => parts.agents);
    const said: { names?: readonly string[] | undefined } = {};
    const lacks = this.#lacks.playable;
    const whole = portsOf({
      kernel,
      network: this.#network,
      realm,
      boundary,
      seed,
      gateway,
      clockError: () => this.#clockError,
      fetch: createSimulatedFetch(this.#model, calls),
      usage: createUsage(seed),
      memory: { usedBytes: () => this.#memoryOf(realm) },
      log: {
        write: (line) => {
          said.names = startRefusalIn(line) ?? said.names;
          this.#log(line, realm);
        },
      },
      rooms,
    });
    const ports = lackingPorts(whole, lacks, (lack) => this.#lacks.isOver(lack));
    const healthy = createHealthyParts(ports.usage);
    const parts: Parts = this.#options.parts?.(healthy, this.#version) ?? healthy;
    const host = directHost(this.#director, this.#recorder);
    const { agentPlace, limits, startup } = this.#playing;
    const config = referenceConfig({ modelUrl: 'http://model.simulated/v1', limits, agentPlace, startup });
    const watched = instrument(parts, { ...host, meet: (draft) => boundary.bring(host.meet(draft)) });
    return new Instance({
      number,
      name: processName(this.#version, gateway),
      realm,
      recorder: this.#recorder,
      ports,
      config: lackingConfig(config, lacks),
      parts: lackingParts(watched, lacks),
      calls,
      refusal: () => said.names ?? [],
    });
  }

  /** A process that is no more writes nothing. */
  #log(line: string, { alive }: Realm): void {
    const event = alive ? loggedEvent(line) : null;
    if (event !== null) this.#recorder.record(event);
  }

  /** Replaces the pipeline, as its operator would: the old process ends as asked, then the new one starts. */
  async #deploy(version: string | undefined): Promise<void> {
    this.#version = version;
    await this.#gateways.replace((met) => this.#until(met, farewellMs), 'next');
  }

  /** For users: resolves when it is so, or after `ms` virtual milliseconds. */
  #until(met: () => boolean, ms: number): Promise<void> {
    const { kernel } = this;
    const latest = kernel.now() + ms;
    return new Promise((resolve) => {
      const look = (): void => {
        if (met() || kernel.now() >= latest) resolve();
        else kernel.schedule(1, look, this.#users);
      };
      look();
    });
  }

  /** What nobody caught ends the process of the pipeline that it came from; from anywhere else, the play. */
  #thrown(thrown: unknown, realm: Realm): void {
    if (this.#gateways.thrown(thrown, realm)) return;
    if (realm.alive && this.#failure === null) {
      this.#failure = new HarnessError(
        'internal',
        `The simulation itself failed (${realm.name}): ${wordsOf(thrown)}`,
        'Report it with the case that was played.',
        thrown,
      );
    }
  }

  async #run(met: () => boolean): Promise<Outcome> {
    return this.kernel.run(() => this.#failure !== null || met());
  }

  async #runAtMost(ms: number, met: () => boolean): Promise<void> {
    const until = this.kernel.now() + ms;
    this.kernel.after(ms, () => undefined);
    await this.#run(() => met() || this.kernel.now() >= until);
  }
}
