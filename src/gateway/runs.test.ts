import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { redisForTests } from '../delivery/redis-for-tests.fixture.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import {
  countingSupervisor,
  openable,
  startTestPipeline,
  TestClient,
  type TestPipeline,
  tokenFor,
} from './test-pipeline.fixture.ts';
import { testPipelinesOn } from './test-pipelines.fixture.ts';

describe('runs over real sockets and a real Redis', () => {
  const store = redisForTests();
  const startAs = testPipelinesOn(store);

  const start = (supervisor?: Supervisor): Promise<TestPipeline> =>
    startAs({
      ...(supervisor === undefined ? {} : { supervisor }),
      config: { timeouts: { redisCommandMs: 500, redisSilenceMs: 200, shutdownMs: 300, runMs: 5_000 } },
    });

  it('accepts a run, sends its events in order, and ends it', async () => {
    const alice = await TestClient.open(await start(), 'alice');
    alice.start('run-1', '4');
    const end = await alice.end('run-1');
    expect(end).toMatchObject({ type: 'run_completed', sequence: 5, thread_id: 'thread-1' });
    expect(alice.seen.map(({ type }) => type).slice(0, 2)).toEqual([
      'connection_established',
      'run_accepted',
    ]);
    expect(alice.sequences('run-1')).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves in the log exactly what was sent, and every key expires', async () => {
    const alice = await TestClient.open(await start(), 'alice');
    alice.start('run-1', '2');
    await alice.end('run-1');
    const entries = await store.redis.xrange('test:u:alice:r:run-1:events', '-', '+');
    expect(entries.map(([id, [, n]]) => [id, n])).toEqual([
      ['1-0', '1'],
      ['2-0', '2'],
      ['3-0', '3'],
    ]);
    expect(entries.map(([, fields]) => JSON.parse(fields[3] ?? ''))).toEqual(
      alice.seen.filter(({ sequence }) => sequence !== undefined),
    );
    // One that is gone by now (-2: the run's slot) stays no longer either; -1 would stay for ever.
    for (const key of await store.redis.keys('*')) expect(await store.redis.ttl(key)).not.toBe(-1);
    expect(await standing(store.redis)).toMatchObject({ ended: true });
  });

  it('takes a run id once, also where another gateway took it', async () => {
    const alice = await TestClient.open(await start(), 'alice');
    const elsewhere = await TestClient.open(await start(), 'alice');
    alice.start('run-1');
    await alice.end('run-1');
    alice.start('run-1');
    elsewhere.start('run-1');
    for (const client of [alice, elsewhere])
      expect(await client.until(({ type }) => type === 'error')).toMatchObject({
        code: 'RUN_DUPLICATE',
        run_id: 'run-1',
      });
    expect(alice.sequences('run-1')).toEqual([1, 2, 3, 4]);
  });

  it('keeps users and runs apart', async () => {
    const pipeline = await start();
    const [alice, bob] = await Promise.all([
      TestClient.open(pipeline, 'alice'),
      TestClient.open(pipeline, 'bob'),
    ]);
    alice.start('run-1', '3');
    alice.start('run-2', '5');
    bob.start('run-1', '1');
    await Promise.all([alice.end('run-1'), alice.end('run-2'), bob.end('run-1')]);
    expect(alice.sequences('run-1')).toEqual([1, 2, 3, 4]);
    expect(alice.sequences('run-2')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(bob.sequences('run-1')).toEqual([1, 2]);
    bob.send({ type: 'resume', run_id: 'run-2', after: 0 });
    expect(await bob.until(({ type }) => type === 'error')).toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('resumes a live run without a gap and without an event twice', async () => {
    const gates = Array.from({ length: 20 }, () => openable());
    let passed = 0;
    const pipeline = await start(countingSupervisor(async () => gates[passed++]?.opened));
    const first = await TestClient.open(pipeline, 'alice');
    first.start('run-1', '20');
    for (let step = 0; step < 5; step++) gates[step]?.open();
    await first.until(({ sequence }) => sequence === 6);
    await first.leave();
    for (let step = 5; step < 9; step++) gates[step]?.open();

    const second = await TestClient.open(pipeline, 'alice');
    second.send({ type: 'resume', run_id: 'run-1', after: 6 });
    for (let step = 9; step < 20; step++) {
      gates[step]?.open();
      await Promise.resolve();
    }
    await second.end('run-1');
    expect(first.sequences('run-1')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(second.sequences('run-1')).toEqual(Array.from({ length: 15 }, (_, index) => index + 7));
  });

  it('replays an ended run to a new connection', async () => {
    const pipeline = await start();
    const first = await TestClient.open(pipeline, 'alice');
    first.start('run-1', '150');
    await first.end('run-1');
    const second = await TestClient.open(pipeline, 'alice');
    second.send({ type: 'resume', run_id: 'run-1', after: 100 });
    await second.end('run-1');
    expect(second.sequences('run-1')).toEqual(Array.from({ length: 51 }, (_, index) => index + 101));
  });

  it('owns up to events that the log does not hold any more', async () => {
    const pipeline = await start();
    const first = await TestClient.open(pipeline, 'alice');
    first.start('run-1', '5');
    await first.end('run-1');
    await store.redis.xdel('test:u:alice:r:run-1:events', '1-0', '2-0');
    const second = await TestClient.open(pipeline, 'alice');
    second.send({ type: 'resume', run_id: 'run-1', after: 0 });
    await second.end('run-1');
    expect(second.seen[1]).toEqual({ type: 'events_lost', run_id: 'run-1', after: 0, available_from: 3 });
    expect(second.sequences('run-1')).toEqual([3, 4, 5, 6]);
  });

  it('ends a run whose process died, once, and says so to whoever resumes', async () => {
    const pipeline = await start(countingSupervisor());
    await store.redis.set('test:u:alice:r:run-1:delivery', JSON.stringify(acceptedBy('gateway_dead')));
    const texts = [1, 2].map((sequence) =>
      JSON.stringify({ type: 'agent_thinking', run_id: 'run-1', sequence }),
    );
    for (const [index, text] of texts.entries())
      await store.redis.xadd('test:u:alice:r:run-1:events', `${index + 1}-0`, 'n', index + 1, 'e', text);
    const clients = await Promise.all([1, 2, 3].map(() => TestClient.open(pipeline, 'alice')));
    for (const client of clients) client.send({ type: 'resume', run_id: 'run-1', after: 1 });
    for (const client of clients) {
      expect(await client.end('run-1')).toMatchObject({
        type: 'run_failed',
        thread_id: 'thread-9',
        sequence: 3,
        payload: { code: 'RUN_INTERRUPTED' },
      });
      expect(client.sequences('run-1')).toEqual([2, 3]);
    }
    expect(await store.redis.xlen('test:u:alice:r:run-1:events')).toBe(3);
  });

  it('writes confirmations down, cumulatively, and refuses one for what was never sent', async () => {
    const pipeline = await start();
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '3');
    await alice.end('run-1');
    alice.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 4 });
    alice.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 2 });
    alice.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 5 });
    expect(await alice.until(({ type }) => type === 'error')).toMatchObject({ code: 'MESSAGE_MALFORMED' });
    expect(await standing(store.redis)).toMatchObject({ confirmed: 4 });

    const later = await TestClient.open(pipeline, 'alice');
    later.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 3 });
    later.send({ type: 'ping' });
    await later.until(({ type }) => type === 'pong');
    expect(await standing(store.redis)).toMatchObject({ confirmed: 4 });
    later.send({ type: 'event_confirmation', run_id: 'run-2', sequence: 1 });
    expect(await later.until(({ type }) => type === 'error')).toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('tells the user when an event cannot be made durable, and writes the end once the store is back', async () => {
    const gate = openable();
    const pipeline = await start(countingSupervisor(() => gate.opened));
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '3');
    await alice.until(({ sequence }) => sequence === 1);
    await store.server.kill();
    gate.open();
    expect(await alice.until(({ type }) => type === 'error')).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      run_id: 'run-1',
    });
    const ready = await fetch(`${pipeline.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', missing: [{ dependency: 'redis', code: 'STORE_UNAVAILABLE' }] },
    ]);

    await store.server.start();
    const written = async (): Promise<string[][]> => {
      const entries = await store.redis.xrange('test:u:alice:r:run-1:events', '-', '+');
      return entries.length > 0 ? entries.map(([, fields]) => fields) : written();
    };
    const [fields] = await written();
    expect(JSON.parse(fields?.[3] ?? '')).toMatchObject({
      type: 'run_failed',
      sequence: 2,
      payload: { code: 'STORE_UNAVAILABLE' },
    });
    expect(alice.sequences('run-1')).toEqual([1]);
  });

  it('goes on, without a gap and without an event twice, where Redis was silent for a while', async () => {
    const gate = openable();
    const pipeline = await start(countingSupervisor(() => gate.opened));
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '3');
    await alice.until(({ sequence }) => sequence === 1);
    store.server.freeze();
    gate.open();
    await new Promise((resolve) => setTimeout(resolve, 300));
    store.server.thaw();
    expect(await alice.end('run-1')).toMatchObject({ type: 'run_completed' });
    expect(alice.sequences('run-1')).toEqual([1, 2, 3, 4]);
    // What was sent on the silent connection may have landed too, but never twice.
    expect(await store.redis.xlen('test:u:alice:r:run-1:events')).toBe(4);
  });

  it('ends a run durably where only one command failed', async () => {
    const gate = openable();
    const pipeline = await start(countingSupervisor(() => gate.opened));
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '3');
    await alice.until(({ sequence }) => sequence === 1);
    // Another writer took number 2: this process must not go on as if it owned the run.
    const foreign = JSON.stringify({ type: 'agent_thinking', run_id: 'run-1', sequence: 2 });
    await store.redis.xadd('test:u:alice:r:run-1:events', '2-0', 'n', 2, 'e', foreign);
    gate.open();
    expect(await alice.end('run-1')).toMatchObject({ sequence: 3, payload: { code: 'STORE_UNAVAILABLE' } });
    expect(alice.sequences('run-1')).toEqual([1, 2, 3]);
  });

  it('ends a run for a supervisor that throws, forgets to, or never comes back', async () => {
    const pipeline = await startAs({
      supervisor: {
        run: (context) => {
          if (context.request === 'throw') throw new Error('a text that no client may see');
          return context.request === 'forget' ? Promise.resolve() : new Promise(() => {});
        },
      },
      config: { timeouts: { runMs: 200 } },
    });
    const alice = await TestClient.open(pipeline, 'alice');
    for (const request of ['throw', 'forget', 'hang']) alice.start(`run-${request}`, request);
    const codes = await Promise.all(
      ['throw', 'forget', 'hang'].map(async (request) => (await alice.end(`run-${request}`)).payload),
    );
    expect(codes).toMatchObject([{ code: 'INTERNAL' }, { code: 'INTERNAL' }, { code: 'RUN_TIMEOUT' }]);
    expect(JSON.stringify(alice.seen)).not.toContain('no client may see');
    expect(pipeline.lines.join()).toContain('no client may see');
  });

  it('serves a run over HTTP as lines, with the same refusals', async () => {
    const pipeline = await start();
    const post = (body: unknown, token = tokenFor('alice')): Promise<Response> =>
      fetch(`${pipeline.url}/runs`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const asked = { run_id: 'run-1', thread_id: 'thread-1', payload: { user_request: '2' } };
    const reply = await post(asked);
    const lines = (await reply.text()).trim().split('\n');
    expect(reply.status).toBe(200);
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'run_accepted',
      'agent_thinking',
      'agent_thinking',
      'run_completed',
    ]);
    const refusals = [
      await post(asked),
      await post({ ...asked, run_id: 'test' }),
      await post({ ...asked, extra: 1 }),
      await post({ ...asked, payload: { user_request: 'x'.repeat(2_000_000) } }),
      await post(asked, tokenFor('alice', { aud: 'others' })),
    ];
    expect(refusals.map((refused) => [refused.status, refused.headers.get('x-faultline-code')])).toEqual([
      [409, 'RUN_DUPLICATE'],
      [400, 'CONTEXT_INVALID'],
      [400, 'MESSAGE_MALFORMED'],
      [413, 'MESSAGE_TOO_LARGE'],
      [401, 'AUTH_TOKEN_INVALID'],
    ]);
  });

  it('counts what it did', async () => {
    const pipeline = await start();
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '2');
    await alice.end('run-1');
    alice.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 3 });
    alice.send({ type: 'ping' });
    await alice.until(({ type }) => type === 'pong');
    const page = async (): Promise<string> => (await fetch(`${pipeline.url}/metrics`)).text();
    // A run is over once its end is marked in the store, after its user has seen it.
    for (const line of [
      'faultline_runs_total{outcome="complete"} 1',
      'faultline_events_appended_total{type="agent_thinking"} 2',
      'faultline_events_sent_total 3',
      'faultline_events_confirmed_total 3',
      'faultline_connections_open 1',
    ])
      await expect.poll(page).toContain(line);
  });

  it('can be closed while it starts, and twice', async () => {
    const starting = startTestPipeline({ redisPort: 1, config: { timeouts: { redisCommandMs: 300 } } });
    await expect(starting).rejects.toMatchObject({ code: 'SERVICE_NOT_READY', lacks: [{ name: 'redis' }] });
    const pipeline = await start();
    await Promise.all([pipeline.close(), pipeline.close()]);
    expect(
      String(await store.redis.client('LIST'))
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  });

  it('cancels what runs and leaves nothing open when it is closed', async () => {
    const pipeline = await start(cancellable);
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1');
    await alice.until(({ type }) => type === 'run_accepted');
    await pipeline.close();
    expect(await alice.end('run-1')).toMatchObject({ payload: { code: 'RUN_CANCELLED' } });
    expect(await alice.gone()).toEqual({ code: 1012, reason: 'SERVICE_NOT_READY' });
    await expect(fetch(`${pipeline.url}/health`)).rejects.toThrow();
    const clients = String(await store.redis.client('LIST'))
      .trim()
      .split('\n');
    expect(clients).toHaveLength(1);
  });

  it('takes no run while it is being closed, and says so', async () => {
    const gate = openable();
    const pipeline = await start({
      run: async (_context, means) => {
        await gate.opened;
        await means.emit('run_failed', 'supervisor', cancelled);
      },
    });
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1');
    await alice.until(({ type }) => type === 'run_accepted');
    const closing = pipeline.close();
    alice.start('run-2');
    expect(await alice.until(({ type }) => type === 'error')).toMatchObject({
      code: 'SERVICE_NOT_READY',
      run_id: 'run-2',
    });
    gate.open();
    await closing;
    expect(await alice.end('run-1')).toMatchObject({ payload: { code: 'RUN_CANCELLED' } });
    expect(await store.redis.exists('test:u:alice:r:run-2:delivery')).toBe(0);
  });

  it('cancels a run too whose acceptance was on its way when it was closed', async () => {
    const pipeline = await start(cancellable);
    const alice = await TestClient.open(pipeline, 'alice');
    store.server.freeze();
    alice.start('run-1');
    alice.send({ type: 'ping' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = pipeline.close();
    store.server.thaw();
    await closing;
    expect(await alice.end('run-1')).toMatchObject({ payload: { code: 'RUN_CANCELLED' } });
  });
});

/** What a gateway leaves in the store that accepted alice's first run. */
function acceptedBy(gateway: string): object {
  return { correlation_id: 'corr_x', thread_id: 'thread-9', gateway, ended: false, confirmed: 0 };
}

const cancelled = {
  code: 'RUN_CANCELLED',
  message: '',
  retry: 'yes',
  remedy: '',
  correlation_id: '',
  missing: [],
} as const;

/** What lies in the store of how far alice's first run came. */
async function standing(redis: Redis): Promise<unknown> {
  return JSON.parse((await redis.get('test:u:alice:r:run-1:delivery')) ?? 'null');
}

/** Works until it is told to stop. */
const cancellable: Supervisor = {
  run: (_context, means, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        means.emit('run_failed', 'supervisor', cancelled).then(resolve, reject);
      });
    }),
};
