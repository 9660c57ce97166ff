import { performance } from 'node:perf_hooks';
import type { RedisOptions } from 'ioredis';
import { openRedis } from '../harness/worlds/real/redis/open-redis.ts';
import type { Figure } from './bench.ts';
import { connectionsOn } from './connections.ts';
import { appends } from './delivery-appends.ts';
import { type BenchClient, clientOf, type ServerProcess, startServer } from './delivery-contenders.ts';
import type { Work } from './delivery-flight.ts';
import type { ContenderKind } from './delivery-wire.ts';
import { losses as lossesOn } from './losses.ts';
import { memoryOn } from './memory.ts';
import { type Compared, compare, median, ratioOf } from './rounds.ts';

const rounds = 5;
const heartbeatMs = 25_000;
/** The peer of the ratios comes first. */
const kinds = ['socket.io', 'ws', 'ours'] as const;

/** How many clients, how many events may be unacknowledged on each, and how many events in a round. */
interface Load {
  readonly clients: number;
  readonly window: number;
  readonly events: number;
  readonly hasGoal?: true;
}

/** Where a goal is, long enough to be past what compiles and warms up: more than a second of each contender. */
const loads: readonly Load[] = [
  { clients: 1, window: 1, events: 400 },
  { clients: 1, window: 16, events: 2_000 },
  { clients: 1, window: 64, events: 64_000, hasGoal: true },
  { clients: 100, window: 1, events: 1_000 },
  { clients: 100, window: 16, events: 64_000, hasGoal: true },
  { clients: 100, window: 64, events: 12_800 },
];

/** Acknowledged events beside `ws` and socket.io, with nothing written before it is sent. */
export function delivery(): Promise<readonly Figure[]> {
  return onRedis((redis) => underEachLoad(false, redis));
}

/** The same with each event written to Redis first; the appends alone; and whole runs. */
export function durable(): Promise<readonly Figure[]> {
  return onRedis(async (redis) => [
    await appends(redis),
    ...(await wholeRuns(redis)),
    ...(await underEachLoad(true, redis)),
  ]);
}

async function underEachLoad(isDurable: boolean, redis: RedisOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { events, ...load } of loads)
    figures.push(
      ...(await acknowledged({ ...load, events: isDurable ? events / 4 : events }, isDurable, redis)),
    );
  return figures;
}

/** Events lost, doubled and out of order where the connection breaks, beside the same peers. */
export function losses(): Promise<readonly Figure[]> {
  return onRedis(lossesOn);
}

/** What ten thousand runs leave in one process. */
export function memory(): Promise<readonly Figure[]> {
  return onRedis(memoryOn);
}

/** What a gateway keeps for connections and events, and how its cost grows with them. */
export function connections(): Promise<readonly Figure[]> {
  return onRedis(connectionsOn);
}

async function onRedis<T>(measure: (redis: RedisOptions) => Promise<T>): Promise<T> {
  const server = await openRedis('process', { env: process.env, progress: () => {} });
  try {
    const { host, port, password = '' } = server.address;
    return await measure({ host, port, password });
  } finally {
    await server.close();
  }
}

async function acknowledged(load: Load, durable: boolean, redis: RedisOptions): Promise<readonly Figure[]> {
  const { clients, window, events } = load;
  const work = { count: events / clients, window };
  const crews = await Promise.all(kinds.map((kind) => crewOf(kind, durable, redis, clients, window)));
  try {
    const compared = await compare(
      crews.map((crew) => ({ name: crew.kind, rate: () => crew.rate(work, events) })),
      rounds,
    );
    const where = `${durable ? 'Redis log' : 'no log'}, ${clients} x ${window}`;
    const hasGoal = !durable && load.hasGoal === true;
    const late = crews.map(({ latencies }) => ({
      p50: median(latencies.slice(1).map(({ p50 }) => p50)),
      p99: median(latencies.slice(1).map(({ p99 }) => p99)),
    }));
    const rows = kinds.map((kind, index): Figure => {
      const { p50 = Number.NaN, p99 = Number.NaN } = late[index] ?? {};
      const rate = Math.round(compared[index]?.rate ?? Number.NaN);
      return {
        what: `${where}: ${kind}`,
        value: `${rate}/s, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)} ms`,
      };
    });
    const own = ratesOf(compared, 2);
    const [toSocketIo, toWs] = [ratioOf(own, ratesOf(compared, 0)), ratioOf(own, ratesOf(compared, 1))];
    const lateness = (late[2]?.p99 ?? Number.NaN) / (late[0]?.p99 ?? Number.NaN);
    const goals = (says: string, met: boolean): Pick<Figure, 'goal'> =>
      hasGoal ? { goal: { says, met } } : {};
    return [
      ...rows,
      {
        what: `${where}: rate`,
        value: '',
        peer: 'socket.io',
        ratio: toSocketIo,
        ...goals('>= 3', toSocketIo >= 3),
      },
      { what: `${where}: rate`, value: '', peer: 'ws', ratio: toWs, ...goals('>= 1.5', toWs >= 1.5) },
      {
        what: `${where}: p99`,
        value: '',
        peer: 'socket.io',
        ratio: lateness,
        ...goals('<= 1', lateness <= 1),
      },
    ];
  } finally {
    for (const crew of crews) await crew.leave();
  }
}

const runClients = 16;
const runsOfEach = 100;
const eventsOfRun = 10;

/** GET, ten events that are written, delivered and acknowledged, SET. */
async function wholeRuns(redis: RedisOptions): Promise<readonly Figure[]> {
  const three = ['socket.io', 'BullMQ and socket.io', 'ours'] as const;
  const crews = await Promise.all(
    three.map((kind) => crewOf(kind, true, redis, runClients, 2 * eventsOfRun)),
  );
  const work = { count: eventsOfRun, window: eventsOfRun, whole: true };
  try {
    const [peer, jobs, own] = await compare(
      crews.map((crew) => ({
        name: crew.kind,
        rate: () => crew.rate(work, runClients * runsOfEach, runsOfEach),
      })),
      rounds,
    );
    if (peer === undefined || jobs === undefined || own === undefined)
      throw new Error('nothing was compared');
    const toJobs = ratioOf(own.rates, jobs.rates);
    const rate = (of: Compared): string => `${Math.round(of.rate)} runs/s`;
    return [
      { what: 'whole runs: socket.io and ioredis', value: rate(peer) },
      { what: 'whole runs: BullMQ and socket.io', value: rate(jobs) },
      {
        what: 'whole runs: ours',
        value: rate(own),
        peer: 'socket.io and ioredis',
        ratio: own.ratio,
        goal: { says: '>= 1.6', met: own.ratio >= 1.6 },
      },
      {
        what: 'whole runs: ours',
        value: '',
        peer: 'BullMQ and socket.io',
        ratio: toJobs,
        goal: { says: '>= 3', met: toJobs >= 3 },
      },
    ];
  } finally {
    for (const crew of crews) await crew.leave();
  }
}

function ratesOf(compared: readonly Compared[], index: number): readonly number[] {
  return compared[index]?.rates ?? [];
}

/** A contender's server, and its clients in this process. */
interface Crew {
  readonly kind: ContenderKind;
  readonly server: ServerProcess;
  /** Of each round, the warming one first. */
  readonly latencies: { readonly p50: number; readonly p99: number }[];
  /** Every client has the work done, `times` in a row; `amount` is what that is together. */
  rate(work: Work, amount: number, times?: number): Promise<number>;
  leave(): Promise<void>;
}

async function crewOf(
  kind: ContenderKind,
  durable: boolean,
  redis: RedisOptions,
  count: number,
  window: number,
): Promise<Crew> {
  const server = await startServer({ kind, durable, redis, heartbeatMs });
  // One client alone is kept busy by short steps; many fill each other's pauses.
  const confirmAfter = Math.max(1, count === 1 ? window >> 2 : window >> 1);
  const clients: BenchClient[] = [];
  for (let user = 0; user < count; user++)
    clients.push(await clientOf[kind]({ url: server.url, user: `user-${user}`, confirmAfter, heartbeatMs }));
  const latencies: { readonly p50: number; readonly p99: number }[] = [];
  return {
    kind,
    server,
    latencies,
    async rate(work, amount, times = 1) {
      const started = performance.now();
      await Promise.all(
        clients.map(async (client) => {
          for (let time = 0; time < times; time++) await client.run(work);
        }),
      );
      const rate = amount / ((performance.now() - started) / 1000);
      latencies.push(await server.ask('latencies'));
      return rate;
    },
    async leave() {
      await Promise.all(clients.map((client) => client.close()));
      await server.stop();
    },
  };
}
