import { createServer, type Server } from 'node:http';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Case } from '../../case.ts';
import { Director } from '../../director.ts';
import { type History, Recorder } from '../../history.ts';
import { SimulatedRedis } from '../../redis/server.ts';
import { createClientProtocol } from '../../wires/client-protocol.ts';
import { createRedisProtocol } from '../../wires/redis-protocol.ts';
import { epoch, onStage, stageFor } from './globals/stage.ts';
import { replaceGlobals } from './globals.ts';
import { Kernel, type Realm } from './kernel.ts';
import { latencyOf } from './latency.ts';
import { Network } from './network.ts';
import { probe } from './probe.ts';
import { connectorTo } from './redis-connector.ts';
import { RedisInPlay } from './redis-in-play.ts';

let restore: () => void;
beforeEach(() => {
  restore = replaceGlobals();
});
afterEach(() => {
  onStage.play = null;
  restore();
});

const nothing: Case = {
  schema: 'faultline.case/1',
  scenario: 'test',
  seed: 7,
  users: [{ id: 'alice', arrivesAtMs: 0, confirms: 'all', actions: [] }],
  model: [],
  faults: [],
  contaminations: [],
  schedule: [],
};

interface Bench {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly pipeline: Realm;
  readonly users: Realm;
  readonly log: unknown[];
  history(): History;
}

/** A network under virtual time; `log` is what the toys on it saw, with the time. */
async function onBench(
  playing: Case,
  run: (bench: Bench, say: (what: unknown) => void) => void,
): Promise<Bench> {
  const kernel = new Kernel({
    timeLimitMs: 60_000,
    eventLimit: 100_000,
    onThrown: (thrown) => {
      throw thrown;
    },
  });
  onStage.play = stageFor(kernel, playing.seed);
  const recorder = new Recorder(() => kernel.now());
  const director = new Director({ playing, recorder, clock: kernel });
  const redis = new SimulatedRedis({
    now: () => epoch + Math.floor(kernel.now()),
    schedule: (atMs, ready) => kernel.after(atMs - epoch - kernel.now(), ready),
  });
  const network = new Network({
    kernel,
    director,
    seed: playing.seed,
    latency: latencyOf(playing.seed),
    redis: new RedisInPlay({ kernel, recorder, redis }),
    protocols: { redis: createRedisProtocol({ keyPrefix: 'faultline:' }), client: createClientProtocol() },
  });
  const log: unknown[] = [];
  const bench: Bench = {
    kernel,
    network,
    pipeline: { name: 'pipeline-1', alive: true },
    users: { name: 'users', alive: true },
    log,
    history: () => recorder.history(),
  };
  run(bench, (what) => log.push([kernel.now(), what]));
  await kernel.run(() => false);
  onStage.play = null;
  return bench;
}

function echoServer(): Server {
  const server = createServer((asked, reply) => {
    reply.sendDate = false;
    reply.end(`you asked for ${asked.url}`);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'agent.v1' });
  server.on('upgrade', (asked, socket, head) => {
    sockets.handleUpgrade(asked, socket, head, (client) => {
      client.on('message', (data) => client.send(String(data)));
    });
  });
  return server;
}

function dialling({ network, users }: Bench): WebSocket {
  return new WebSocket('ws://pipeline.simulated/ws', ['agent.v1'], {
    createConnection: () => network.dialPipeline(users) as never,
    perMessageDeflate: false,
  });
}

function redisOn({ network, pipeline }: Bench, options: object = {}): Redis {
  return new Redis({
    Connector: connectorTo(() => network.dialRedis(pipeline)),
    disableClientInfo: true,
    retryStrategy: (times: number) => (times > 3 ? null : times * 100),
    ...options,
  });
}

/** A ws client and an ioredis client that talk for a while. */
function chat(bench: Bench, say: (what: unknown) => void): void {
  bench.kernel.schedule(0, () => bench.network.listen(bench.pipeline, echoServer()), bench.pipeline);
  bench.kernel.schedule(
    1,
    () => {
      const client = dialling(bench);
      client.on('open', () => {
        say(`open ${client.protocol}`);
        for (let n = 1; n <= 3; n++) client.send(JSON.stringify({ type: 'ping', n }));
      });
      client.on('message', (data) => {
        say(String(data));
        if (String(data).includes('"n":3')) client.close(1000, 'done');
      });
      client.on('close', (code, reason) => say(`closed ${code} ${reason}`));
    },
    bench.users,
  );
  bench.kernel.schedule(
    1,
    () => {
      const redis = redisOn(bench);
      redis.on('error', (error) => say(error.message));
      void (async () => {
        say(await redis.set('faultline:u:alice:r:run-1:state', '{}'));
        say(await redis.pipeline().get('faultline:u:alice:r:run-1:state').incr('n').exec());
        say(await redis.xadd('faultline:u:alice:r:run-1:events', '*', 'n', '1'));
        say(await redis.quit());
      })();
    },
    bench.pipeline,
  );
}

describe('ws, http and ioredis over memory', () => {
  it('talk as over sockets, each message named in the history', async () => {
    const bench = await onBench(nothing, chat);
    const said = bench.log.map((entry) => (entry as [number, unknown])[1]);
    expect(said).toContain('open agent.v1');
    expect(said).toContain('{"type":"ping","n":3}');
    expect(said).toContain('closed 1000 done');
    expect(said).toContain('OK');
    expect(said).toContainEqual([
      [null, '{}'],
      [null, 1],
    ]);
    const names = bench.history().events.map(({ message }) => message);
    expect(names).toContain('redis>alice/run-1/set.state#1');
    expect(names).toContain('redis<alice/run-1/xadd.events#1');
    expect(names).toContain('client>-/-/upgrade#1');
    expect(names).toContain('client<-/-/ping#3');
  });

  it('leave the same trace twice, and another for another seed', async () => {
    const traces: string[] = [];
    for (const seed of [7, 7, 8]) {
      const bench = await onBench({ ...nothing, seed }, chat);
      traces.push(JSON.stringify([bench.log, bench.history()]));
    }
    expect(traces[1]).toBe(traces[0]);
    expect(traces[2]).not.toBe(traces[0]);
  });

  it('answer a probe that no fault meets', async () => {
    const bench = await onBench(nothing, (on, say) => {
      on.network.listen(on.pipeline, echoServer());
      void probe(() => on.network.probePipeline(on.users), '/ready').then(say);
    });
    expect(bench.log).toEqual([[expect.any(Number), { status: 200, body: 'you asked for /ready' }]]);
    expect(bench.history().events).toEqual([]);
  });
});

describe('a connection that cannot be made', () => {
  it('is refused by an error on the stream', async () => {
    const bench = await onBench(nothing, (on, say) => {
      dialling(on).on('error', (error: { code?: string }) => say(error.code));
      void probe(() => on.network.probePipeline(on.users), '/ready').then(say);
    });
    expect(bench.log.map((entry) => (entry as unknown[])[1])).toEqual(
      expect.arrayContaining(['ECONNREFUSED', { status: 0, body: '{"code":"ECONNREFUSED"}' }]),
    );
  });
});

describe('a crash', () => {
  it('breaks the connections of the dead and silences it, and a later instance takes over', async () => {
    const later: Realm = { name: 'pipeline-2', alive: true };
    const bench = await onBench(nothing, (on, say) => {
      const { kernel, network, pipeline } = on;
      network.listen(pipeline, echoServer());
      let redis: Redis;
      kernel.schedule(
        0,
        () => {
          redis = redisOn(on);
          redis.on('error', () => say('the dead saw an error'));
          setInterval(() => {
            say('the dead ticked');
            void redis.incr('ticks').then(() => say('the dead were answered'));
          }, 30);
        },
        pipeline,
      );
      kernel.schedule(
        1,
        () => {
          const client = dialling(on);
          client.on('open', () => client.send('{"type":"ping"}'));
          client.on('error', (error: { code?: string }) => say(error.code));
          client.on('close', (code) => say(code));
        },
        on.users,
      );
      kernel.after(50, () => {
        say('crash');
        pipeline.alive = false;
        network.cutOff(pipeline);
      });
      kernel.schedule(
        60,
        () => {
          dialling(on).on('error', (error: { code?: string }) => say(error.code));
        },
        on.users,
      );
      kernel.schedule(100, () => network.listen(later, echoServer()), later);
      kernel.schedule(
        110,
        () => {
          const client = dialling(on);
          client.on('open', () => {
            say('open again');
            client.terminate();
          });
        },
        on.users,
      );
    });
    const said = bench.log.map((entry) => (entry as [number, unknown])[1]);
    expect(said.slice(0, said.indexOf('crash'))).toEqual(['the dead ticked', 'the dead were answered']);
    expect(said.slice(said.indexOf('crash') + 1)).toEqual([1006, 'ECONNREFUSED', 'open again']);
  });
});
