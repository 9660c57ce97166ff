import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type RedisServer, redisMissing, startRedisServer } from '../delivery/redis-server.fixture.ts';
import {
  countingSupervisor,
  openable,
  startTestPipeline,
  type TestPipeline,
  tokenFor,
} from '../gateway/test-pipeline.fixture.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import type { Client } from './client.ts';
import type { ClientError } from './client-error.ts';
import { type ConnectOptions, connect } from './node.ts';
import { wsTransport } from './ws-transport.ts';

describe('the client and the gateway, over real sockets and a real Redis', () => {
  let server: RedisServer;
  const pipelines: TestPipeline[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    if (redisMissing === null) server = await startRedisServer();
  });
  beforeEach(async (context) => {
    if (redisMissing !== null) context.skip(redisMissing);
    await server.kill();
    await server.start();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(pipelines.splice(0).map((pipeline) => pipeline.close()));
  });
  afterAll(async () => {
    await server?.stop();
  });

  async function start(supervisor?: Supervisor): Promise<TestPipeline> {
    const pipeline = await startTestPipeline({
      redisPort: server.port,
      ...(supervisor === undefined ? {} : { supervisor }),
      config: { timeouts: { redisCommandMs: 500, redisSilenceMs: 200, shutdownMs: 300, runMs: 10_000 } },
    });
    pipelines.push(pipeline);
    return pipeline;
  }

  async function connected(pipeline: TestPipeline, options: Partial<ConnectOptions> = {}): Promise<Client> {
    const client = await connect({
      url: pipeline.webSocketUrl,
      token: tokenFor('alice'),
      firstPauseMs: 20,
      ...options,
    });
    clients.push(client);
    return client;
  }

  /** A transport whose connections a test can break. */
  function breakable(): { readonly options: Partial<ConnectOptions>; readonly sockets: WebSocket[] } {
    const sockets: WebSocket[] = [];
    const transport = wsTransport(({ url, protocols }) => {
      const socket = new WebSocket(url, [...protocols]);
      sockets.push(socket);
      return socket;
    });
    return { options: { transport }, sockets };
  }

  it.each([
    ['the package ws', {}],
    ['the standard WebSocket', { WebSocket }],
  ])('brings a run whole over %s', async (_what, options) => {
    const pipeline = await start();
    const client = await connected(pipeline, options);
    const run = client.ask({ thread_id: 'thread-1', request: '5' });
    const seen: string[] = [];
    for await (const event of run)
      seen.push(event.type === 'events_lost' ? 'lost' : `${event.sequence} ${event.type}`);
    expect(seen).toEqual([...[1, 2, 3, 4, 5].map((n) => `${n} agent_thinking`), '6 run_completed']);
    expect(await run.answer).toMatchObject({ status: 'complete', report: { steps: 5 } });
    await vi.waitFor(async () =>
      expect(await (await fetch(`${pipeline.url}/metrics`)).text()).toMatch(/_events_confirmed_total 6\n/),
    );
  });

  it('loses nothing where the connection breaks again and again', async () => {
    const { options, sockets } = breakable();
    const client = await connected(await start(countingSupervisor(tick)), options);
    const run = client.ask({ run_id: 'run-1', thread_id: 'thread-1', request: '300' });
    const numbers: number[] = [];
    for await (const event of run) {
      if (event.type === 'events_lost') throw new Error('lost');
      numbers.push(event.sequence);
      if (event.sequence % 80 === 0) sockets.at(-1)?.terminate();
    }
    expect(numbers).toEqual(Array.from({ length: 301 }, (_, index) => index + 1));
    expect(sockets.length).toBeGreaterThanOrEqual(3);
  });

  it('loses nothing where the application is slower than there is room', async () => {
    const client = await connected(await start(), { keptEvents: 200 });
    const run = client.ask({ run_id: 'run-1', thread_id: 'thread-1', request: '300' });
    const follower = await connected(pipelines[0] as TestPipeline);
    // Everything was sent by the time the first event is taken.
    await follower.resume({ run_id: 'run-1' }).answer;
    const numbers: number[] = [];
    for await (const event of run) numbers.push(event.type === 'events_lost' ? 0 : event.sequence);
    expect(numbers).toEqual(Array.from({ length: 301 }, (_, index) => index + 1));
  });

  it('takes a run up on another gateway', async () => {
    const gate = openable();
    const one = await start(countingSupervisor(() => gate.opened));
    const other = await start();
    const { options, sockets } = breakable();
    const client = await connected(one, { ...options, url: [one.webSocketUrl, other.webSocketUrl] });
    const run = client.ask({ run_id: 'run-1', thread_id: 'thread-1', request: '3' });
    const types: string[] = [];
    for await (const event of run) {
      types.push(event.type);
      // Gone, with the run in its hands.
      if (types.length === 1) await one.close();
    }
    expect(sockets.at(-1)?.url).toBe(other.webSocketUrl);
    expect(types[0]).toBe('agent_thinking');
    expect(types.at(-1)).toBe('run_failed');
    await expect(run.answer).rejects.toMatchObject({ runId: 'run-1' });
    gate.open();
  });

  it('says why it was not let in', async () => {
    const pipeline = await start();
    const failed = connected(pipeline, { token: tokenFor('alice', { exp: 1 }) });
    const error = (await failed.catch((thrown: unknown) => thrown)) as ClientError;
    expect(error).toMatchObject({ code: 'AUTH_TOKEN_EXPIRED', status: 401, retry: 'no' });
    expect(error.remedy).toBe('Get a new token and connect again.');
  });

  it('comes back after a gateway that was not ready, and asks then', async () => {
    const pipeline = await start();
    await server.kill();
    const connecting = connected(pipeline, { attempts: 50, longestPauseMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.start();
    const client = await connecting;
    expect(await client.ask({ thread_id: 't', request: '1' }).answer).toMatchObject({ status: 'complete' });
  });

  it('is told where a run is refused, and goes on with others', async () => {
    const client = await connected(await start());
    await expect(client.ask({ run_id: 'a b', thread_id: 't', request: '1' }).answer).rejects.toMatchObject({
      name: 'ClientError',
    });
    expect(await client.ask({ thread_id: 't', request: '1' }).answer).toMatchObject({ status: 'complete' });
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
