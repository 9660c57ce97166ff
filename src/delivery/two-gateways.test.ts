import { describe, expect, it } from 'vitest';
import {
  countingSupervisor,
  openable,
  TestClient,
  type TestPipeline,
} from '../gateway/test-pipeline.fixture.ts';
import { testPipelinesOn } from '../gateway/test-pipelines.fixture.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import { redisForTests } from './redis-for-tests.fixture.ts';

const standingKey = 'test:u:alice:r:run-1:delivery';
const eventsKey = 'test:u:alice:r:run-1:events';

describe('two gateways on one Redis', () => {
  const store = redisForTests();
  const startAs = testPipelinesOn(store);

  const start = (supervisor: Supervisor = countingSupervisor()): Promise<TestPipeline> =>
    startAs({ supervisor, config: { timeouts: { leaseMs: 600, shutdownMs: 300 } } });
  const standing = async (): Promise<unknown> => JSON.parse((await store.redis.get(standingKey)) ?? 'null');

  it('serves a live run of the other, and does not end it', async () => {
    const gate = openable();
    const alice = await TestClient.open(await start(countingSupervisor(() => gate.opened)), 'alice');
    const elsewhere = await TestClient.open(await start(), 'alice');
    alice.start('run-1', '3');
    await alice.until(({ sequence }) => sequence === 1);
    elsewhere.send({ type: 'resume', run_id: 'run-1', after: 0 });
    await elsewhere.until(({ sequence }) => sequence === 1);
    elsewhere.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 1 });
    // Longer than the lease: it is renewed.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await standing()).toMatchObject({ ended: false });
    gate.open();
    expect(await elsewhere.end('run-1')).toMatchObject({ type: 'run_completed', sequence: 4 });
    await alice.end('run-1');
    expect(elsewhere.sequences('run-1')).toEqual([1, 2, 3, 4]);
    expect(alice.sequences('run-1')).toEqual([1, 2, 3, 4]);
    elsewhere.send({ type: 'event_confirmation', run_id: 'run-1', sequence: 4 });
    await expect.poll(standing).toMatchObject({ ended: true, confirmed: 4 });
  });

  it('ends a run of the other when that is dead, once, however many ask', async () => {
    await store.redis.set('test:g:gateway_other', '1', 'PX', 700);
    await store.redis.set(
      standingKey,
      JSON.stringify({
        correlation_id: 'corr_x',
        thread_id: 'thread-1',
        gateway: 'gateway_other',
        ended: false,
        confirmed: 0,
      }),
    );
    const text = JSON.stringify({ type: 'agent_thinking', run_id: 'run-1', sequence: 1 });
    await store.redis.xadd(eventsKey, '1-0', 'n', 1, 'e', text);
    const gateways = await Promise.all([start(), start()]);
    const clients = await Promise.all(
      [...gateways, ...gateways].map((gateway) => TestClient.open(gateway, 'alice')),
    );
    for (const client of clients) client.send({ type: 'resume', run_id: 'run-1', after: 0 });
    for (const client of clients) await client.until(({ sequence }) => sequence === 1);
    expect(await store.redis.xlen(eventsKey)).toBe(1);
    for (const client of clients) {
      expect(await client.end('run-1')).toMatchObject({ sequence: 2, payload: { code: 'RUN_INTERRUPTED' } });
      expect(client.sequences('run-1')).toEqual([1, 2]);
    }
    expect(await store.redis.exists('test:g:gateway_other')).toBe(0);
    expect(await store.redis.xlen(eventsKey)).toBe(2);
  });

  it('leaves no lease behind where it was closed, and has none while it has no runs', async () => {
    const pipeline = await start();
    expect(await store.redis.keys('test:g:*')).toEqual([]);
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1');
    await alice.end('run-1');
    expect(await store.redis.keys('test:g:*')).toHaveLength(1);
    await pipeline.close();
    expect(await store.redis.keys('test:g:*')).toEqual([]);
  });

  it('names a run that another version left, and one whose events are gone', async () => {
    const alice = await TestClient.open(await start(), 'alice');
    await store.redis.hset(standingKey, 'status', 'ended');
    alice.send({ type: 'resume', run_id: 'run-1', after: 0 });
    expect(await alice.until(({ type }) => type === 'error')).toMatchObject({ code: 'RUN_UNKNOWN' });
    alice.start('run-2');
    await alice.end('run-2');
    await store.redis.del('test:u:alice:r:run-2:events');
    const late = await TestClient.open(await start(), 'alice');
    late.send({ type: 'resume', run_id: 'run-2', after: 0 });
    expect(await late.until(({ type }) => type === 'error')).toMatchObject({
      code: 'EVENTS_EXPIRED',
      run_id: 'run-2',
    });
  });
});
