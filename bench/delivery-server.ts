import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Server, type Socket } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { createSystemPorts } from '../src/adapters/system-ports.ts';
import { assemble } from '../src/assembly.ts';
import { pipelineConfig } from '../src/config.ts';
import { healthyGateway } from '../src/gateway/gateway-parts.ts';
import type { Supervisor } from '../src/supervisor/run-means.ts';
import { due, Flight, reasoning, type Work } from './delivery-flight.ts';
import { memoryEventLog } from './delivery-memory-log.ts';
import { benchJwt, type FromServer, type Reply, type ServerOptions } from './delivery-wire.ts';

/** One contender's server, in a process of its own: started by `delivery-contenders.ts`. */

const latencies: number[] = [];

function tell(message: FromServer): void {
  // The parent may be gone: then so is this process, by `disconnect`.
  process.send?.(message, () => {});
}

const replies: { readonly [K in keyof Reply]: () => Reply[K] } = {
  latencies: () => {
    const sorted = latencies.splice(0).sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99) };
  },
  memory: () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  processor: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

const options = JSON.parse(process.env.FAULTLINE_BENCH_SERVER ?? '') as ServerOptions;
const redis = new Redis({ ...options.redis, enableAutoPipelining: true });
const start = {
  ours,
  ws: echo,
  'socket.io': socketIo,
  'socket.io with recovery': socketIo,
  'BullMQ and socket.io': socketIo,
}[options.kind];
process.on('message', (asked: keyof Reply) => tell({ [asked]: replies[asked]() }));
process.on('disconnect', () => process.exit(0));
tell({ url: await start(options, redis) });

/** The gateway, delivery and event log of production, around a supervisor that produces what is asked for. */
async function ours({ durable, heartbeatMs, redis: at }: ServerOptions, redis: Redis): Promise<string> {
  const flights = new Map<string, Flight>();
  const supervisor: Supervisor = {
    async run({ runId, request }, means) {
      const work = JSON.parse(request) as Work;
      const flight = new Flight(work.window, latencies);
      flights.set(runId, flight);
      const started = performance.now();
      if (work.whole) await redis.get(`state:${runId}`);
      for (let number = 1; number <= work.count; number++) {
        await flight.room();
        await due(work, started, number);
        flight.begin(number);
        const payload = { status: 'thinking', reasoning, step_number: number } as const;
        await means.emit('agent_thinking', 'triage', payload);
        if (work.everyMs !== undefined) tell({ produced: number });
      }
      if (work.window !== undefined) await flight.empty();
      if (work.whole) await redis.set(`state:${runId}`, reasoning);
      flights.delete(runId);
      const answer = { status: 'complete', report: {}, account: [], missing: [], model: 'none' } as const;
      await means.emit('run_completed', 'supervisor', answer);
    },
  };
  const many = 10_000_000;
  const config = pipelineConfig.parse({
    jwt: benchJwt,
    origins: { withoutOrigin: true },
    model: { url: 'http://127.0.0.1:9/v1', name: 'none' },
    limits: { messagesPerSecond: many, messageBurst: many },
    timeouts: { heartbeatMs, heartbeatDeadlineMs: heartbeatMs, runMs: 600_000 },
    logLevel: 'silent',
  });
  const ports = createSystemPorts({
    host: '127.0.0.1',
    port: 0,
    redis: { options: at, keyPrefix: 'bench:' },
    usage: { fetch: async () => [] },
  });
  const pipeline = assemble(ports, config, () => supervisor, {
    ...healthyGateway,
    createDelivery: (means) => {
      const delivery = healthyGateway.createDelivery({
        ...means,
        ...(durable ? {} : { log: memoryEventLog() }),
      });
      return {
        ...delivery,
        async confirm(outlet, runId, sequence) {
          await delivery.confirm(outlet, runId, sequence);
          flights.get(runId)?.settleUpTo(sequence);
        },
      };
    },
  });
  const { url } = await pipeline.start();
  return `${url.replace('http:', 'ws:')}/ws`;
}

/** What a peer's event carries: the same fields as ours. */
function eventOf(number: number): object {
  return {
    type: 'agent_thinking',
    run_id: 'run_00000000000000000000000000000000',
    thread_id: 'thread-1',
    agent_name: 'triage',
    timestamp: new Date().toISOString(),
    sequence: number,
    payload: { status: 'thinking', reasoning, step_number: number },
  };
}

/** Makes an event durable; null: nothing does. */
type Append = ((run: string, event: object) => Promise<unknown>) | null;

/** Brings an event to the client; the flight is told when it was acknowledged. */
type Send = (event: object, number: number, flight: Flight) => void;

/** Produces for a peer, and waits for all acknowledgements where the events under way are bounded. */
async function produce(work: Work, redis: Redis, append: Append, send: Send): Promise<void> {
  const flight = new Flight(work.window, latencies);
  const started = performance.now();
  const run = `run:${process.pid}:${started}`;
  if (work.whole) await redis.get(`state:${run}`);
  for (let number = 1; number <= work.count; number++) {
    await flight.room();
    await due(work, started, number);
    flight.begin(number);
    const event = eventOf(number);
    if (append === null) send(event, number, flight);
    else {
      const appended = append(run, event);
      void appended.then(() => send(event, number, flight));
      // Within a run an agent goes on when its event is safe, as ours does.
      if (work.whole) await appended;
    }
    if (work.everyMs !== undefined) tell({ produced: number });
  }
  if (work.window !== undefined) await flight.empty();
  if (work.whole) await redis.set(`state:${run}`, reasoning);
}

function toStream(redis: Redis): Append {
  return (run, event) => redis.xadd(`log:${run}`, '*', 'e', JSON.stringify(event));
}

/** A WebSocket server as its README shows it: it sends a frame, the client sends the frame back. */
async function echo({ durable, heartbeatMs }: ServerOptions, redis: Redis): Promise<string> {
  const append = durable ? toStream(redis) : null;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  let latest: WebSocket | null = null;
  server.on('connection', (socket) => {
    latest = socket;
    let isAlive = true;
    let flight: Flight | null = null;
    socket.on('error', () => {});
    socket.on('pong', () => {
      isAlive = true;
    });
    const heartbeat = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, heartbeatMs);
    socket.on('close', () => clearInterval(heartbeat));
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as { readonly work?: Work; readonly sequence?: number };
      if (message.sequence !== undefined) flight?.settle(message.sequence);
      if (message.work === undefined) return;
      const { work } = message;
      const send = (event: object, _number: number, of: Flight): void => {
        flight = of;
        const to = work.everyMs === undefined ? socket : latest;
        if (to?.readyState === to?.OPEN) to?.send(JSON.stringify(event));
      };
      void produce(work, redis, append, send).then(() => socket.send('{"done":true}', () => {}));
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** socket.io: with acknowledgements, or (they exclude each other) with connection state recovery. */
async function socketIo(options: ServerOptions, redis: Redis): Promise<string> {
  const { durable, heartbeatMs, kind } = options;
  const recovers = kind === 'socket.io with recovery';
  const append = durable ? toStream(redis) : null;
  const jobs = kind === 'BullMQ and socket.io' ? bullMq(options, redis) : null;
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    pingInterval: heartbeatMs,
    pingTimeout: heartbeatMs,
    ...(recovers ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } } : {}),
  });
  let latest: Socket | null = null;
  io.on('connection', (socket) => {
    latest = socket;
    void socket.join('user');
    socket.on('run', (work: Work, done: () => void) => {
      const send = (event: object, number: number, flight: Flight): void => {
        if (recovers) {
          io.to('user').emit('event', event);
          return;
        }
        const to = work.everyMs === undefined ? socket : latest;
        to?.emitWithAck('event', event).then(
          () => flight.settle(number),
          () => {},
        );
      };
      void (jobs?.(work, send) ?? produce(work, redis, append, send)).then(done);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** Each run a job of BullMQ, each of its events the job's progress, which that writes to its stream of events. */
function bullMq({ redis: at }: ServerOptions, redis: Redis): (work: Work, send: Send) => Promise<void> {
  const { host = '127.0.0.1', port = 6379, password = '' } = at;
  const connection = { host, port, password, maxRetriesPerRequest: null };
  const name = `bench-${process.pid}`;
  const queue = new Queue<Work, void, 'run'>(name, {
    connection,
    defaultJobOptions: { removeOnComplete: true },
  });
  const asked = new Map<string, { readonly send: Send; readonly ended: () => void }>();
  let runs = 0;
  const worker = new Worker<Work, void, 'run'>(
    name,
    async (job) => {
      const run = asked.get(job.id ?? '');
      if (run === undefined) throw new Error('a job that nobody asked for');
      await produce(job.data, redis, (_run, event) => job.updateProgress(event), run.send);
    },
    { connection, concurrency: 64 },
  );
  worker.on('completed', ({ id = '' }) => {
    asked.get(id)?.ended();
    asked.delete(id);
  });
  return async (work, send) => {
    const jobId = `run-${++runs}`;
    const ended = new Promise<void>((resolve) => asked.set(jobId, { send, ended: resolve }));
    await queue.add('run', work, { jobId });
    await ended;
  };
}
