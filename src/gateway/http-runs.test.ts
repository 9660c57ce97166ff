import { describe, expect, it } from 'vitest';
import { redisForTests } from '../delivery/redis-for-tests.fixture.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import {
  countingSupervisor,
  openable,
  TestClient,
  type TestPipeline,
  tokenFor,
} from './test-pipeline.fixture.ts';
import { testPipelinesOn } from './test-pipelines.fixture.ts';

describe('event streams over HTTP', () => {
  const store = redisForTests();
  const startAs = testPipelinesOn(store);

  const start = (
    supervisor?: Supervisor,
    changes: { readonly connectionsPerUser?: number; readonly heartbeatMs?: number } = {},
  ): Promise<TestPipeline> => {
    const { heartbeatMs = 25_000, ...limits } = changes;
    return startAs({
      ...(supervisor === undefined ? {} : { supervisor }),
      config: { limits, timeouts: { leaseMs: 600, shutdownMs: 100, confirmMs: 200, heartbeatMs } },
    });
  };
  const standing = async (): Promise<unknown> =>
    JSON.parse((await store.redis.get('test:u:alice:r:run-1:delivery')) ?? 'null');

  it('sends each event under its number, and what follows the one that a client had before, which counts as confirmed', async () => {
    const pipeline = await start();
    const whole = await eventsIn(await ask(pipeline, '3'));
    expect(whole.map(({ id, event }) => [id, event])).toEqual([
      [undefined, 'run_accepted'],
      ['1', 'agent_thinking'],
      ['2', 'agent_thinking'],
      ['3', 'agent_thinking'],
      ['4', 'run_completed'],
    ]);
    expect(whole[1]?.data).toMatchObject({ type: 'agent_thinking', run_id: 'run-1', sequence: 1 });
    const rest = await follow(pipeline, 'run-1', { 'Last-Event-ID': '2' });
    expect(rest.headers.get('content-type')).toBe('text/event-stream');
    expect((await eventsIn(rest)).map(({ id }) => id)).toEqual(['3', '4']);
    await expect.poll(standing).toMatchObject({ ended: true, confirmed: 2 });
    const nothing = await follow(pipeline, 'run-1', { 'Last-Event-ID': '4' });
    expect(nothing.status).toBe(204);
    await expect.poll(standing).toMatchObject({ confirmed: 4 });
  });

  it('goes on with a live run, without a gap and without an event twice, and ends with it', async () => {
    const gates = [openable(), openable(), openable()];
    let step = 0;
    const pipeline = await start(countingSupervisor(() => gates[step++]?.opened ?? Promise.resolve()));
    await textUntil(await ask(pipeline, '3'), (text) => text.includes('id: 1\n'));
    const rest = await follow(pipeline, 'run-1', { 'Last-Event-ID': '1' });
    expect(rest.status).toBe(200);
    for (const gate of gates) gate.open();
    expect((await eventsIn(rest)).map(({ id }) => id)).toEqual(['2', '3', '4']);
  });

  it('gives no number to an event that comes again, so that a client who returns asks for no more than it lacks', async () => {
    const gate = openable();
    const pipeline = await start(countingSupervisor(() => gate.opened));
    const text = await textUntil(await ask(pipeline, '1'), (text) => text.split('"sequence":1').length > 2);
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 1']);
    gate.open();
  });

  it('goes on at another process, and tells the end of a run whose process died', async () => {
    const text = (sequence: number): string =>
      JSON.stringify({ type: 'agent_thinking', run_id: 'run-1', sequence });
    await store.redis.set(
      'test:u:alice:r:run-1:delivery',
      JSON.stringify({
        correlation_id: 'corr_x',
        thread_id: 'thread-9',
        gateway: 'gateway_dead',
        ended: false,
        confirmed: 0,
      }),
    );
    for (const sequence of [1, 2])
      await store.redis.xadd(
        'test:u:alice:r:run-1:events',
        `${sequence}-0`,
        'n',
        sequence,
        'e',
        text(sequence),
      );
    const pipeline = await start();
    const events = await eventsIn(await follow(pipeline, 'run-1', { 'Last-Event-ID': '1' }));
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      ['2', 'agent_thinking'],
      ['3', 'run_failed'],
    ]);
    expect(events[1]?.data.payload).toMatchObject({ code: 'RUN_INTERRUPTED' });
    // After a restart of this one, too.
    await pipeline.close();
    const again = await eventsIn(await follow(await start(), 'run-1', { 'Last-Event-ID': '2' }));
    expect(again.map(({ id }) => id)).toEqual(['3']);
  });

  it('owns up to what is lost', async () => {
    const pipeline = await start();
    await (await ask(pipeline, '4')).text();
    await store.redis.xtrim('test:u:alice:r:run-1:events', 'MINID', 4);
    const events = await eventsIn(await follow(pipeline, 'run-1', { 'Last-Event-ID': '1' }));
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      [undefined, 'events_lost'],
      ['4', 'agent_thinking'],
      ['5', 'run_completed'],
    ]);
    expect(events[0]?.data).toMatchObject({ after: 1, available_from: 4 });
  });

  it('takes confirmations, and the place as a parameter, which confirms nothing', async () => {
    const pipeline = await start();
    await (await ask(pipeline, '2')).text();
    const rest = await follow(pipeline, 'run-1', { Accept: '*/*' }, '?after=2');
    expect(rest.headers.get('content-type')).toBe('application/x-ndjson');
    expect(JSON.parse(await rest.text())).toMatchObject({ type: 'run_completed', sequence: 3 });
    expect(await standing()).toMatchObject({ confirmed: 0 });
    const confirmed = await post(pipeline, '/runs/run-1/confirmation', { sequence: 3 });
    expect(confirmed.status).toBe(204);
    expect(await standing()).toMatchObject({ confirmed: 3 });
  });

  it('counts with the connections of their user', async () => {
    const gate = openable();
    const pipeline = await start(
      countingSupervisor(() => gate.opened),
      { connectionsPerUser: 2 },
    );
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '1');
    await alice.until(({ sequence }) => sequence === 1);
    const leaving = new AbortController();
    const stream = await follow(pipeline, 'run-1', {}, '', leaving.signal);
    expect(stream.status).toBe(200);
    const refused = await follow(pipeline, 'run-1', {});
    for (const { status, headers } of [refused, await ask(pipeline, '1')])
      expect([status, headers.get('x-faultline-code')]).toEqual([429, 'CONNECTION_LIMIT']);
    await expect(TestClient.open(pipeline, 'alice')).rejects.toThrow('closed');
    const of = { Authorization: `Bearer ${tokenFor('bob')}` };
    expect((await follow(pipeline, 'run-1', of)).status).toBe(404);
    leaving.abort();
    const again = async (): Promise<number> => {
      const response = await follow(pipeline, 'run-1', {});
      if (response.status === 200) gate.open();
      await response.text();
      return response.status;
    };
    await expect.poll(again).toBe(200);
  });

  it('end when their token is revoked, while the run goes on', async () => {
    const gate = openable();
    const pipeline = await start(
      countingSupervisor(() => gate.opened),
      { heartbeatMs: 50 },
    );
    const alice = await TestClient.open(pipeline, 'alice');
    alice.start('run-1', '1');
    await alice.until(({ sequence }) => sequence === 1);
    const token = tokenFor('alice', { jti: 'token-1' });
    const stream = await follow(pipeline, 'run-1', { Authorization: `Bearer ${token}` });
    await store.redis.set('test:u:alice:revoked:token-1', '1');
    const events = await eventsIn(stream);
    expect(events.at(-1)).toMatchObject({ id: undefined, event: 'error' });
    expect(events.at(-1)?.data).toMatchObject({ code: 'AUTH_TOKEN_REVOKED' });
    expect(events.at(-1)?.data).not.toHaveProperty('run_id');
    gate.open();
    expect(await alice.end('run-1')).toMatchObject({ type: 'run_completed' });
  });

  it('end so, too, where they began with the run', async () => {
    const gate = openable();
    const pipeline = await start(
      countingSupervisor(() => gate.opened),
      { heartbeatMs: 50 },
    );
    const answer = await ask(pipeline, '1', { jti: 'token-1' });
    await store.redis.set('test:u:alice:revoked:token-1', '1');
    const events = await eventsIn(answer);
    expect(events.map(({ event }) => event)).toEqual(['run_accepted', 'agent_thinking', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'AUTH_TOKEN_REVOKED' });
    // The run goes on, and is had with a new token.
    const rest = follow(pipeline, 'run-1', { 'Last-Event-ID': '1' });
    gate.open();
    expect((await eventsIn(await rest)).map(({ event }) => event)).toEqual(['run_completed']);
  });

  it('refuses with the codes that a WebSocket tells', async () => {
    const pipeline = await start();
    await (await ask(pipeline, '2')).text();
    await store.redis.set(
      'test:u:alice:r:gone:delivery',
      JSON.stringify({ ...((await standing()) as object) }),
    );
    const refusals = [
      await follow(pipeline, 'run-1', { Authorization: '' }),
      await follow(pipeline, 'run-2', {}),
      await follow(pipeline, 'run-1', { Authorization: `Bearer ${tokenFor('bob')}` }),
      await follow(pipeline, 'run-1', { 'Last-Event-ID': 'two' }),
      await follow(pipeline, 'run-1', {}, '?after=9'),
      await follow(pipeline, 'gone', {}),
      await follow(pipeline, 'run%201', {}),
      await follow(pipeline, 'run-1', { Origin: 'https://evil.example.com' }),
      await post(pipeline, '/runs/run-1/confirmation', { sequence: 9 }),
    ];
    expect(refusals.map((refused) => [refused.status, refused.headers.get('x-faultline-code')])).toEqual([
      [401, 'AUTH_TOKEN_MISSING'],
      [404, 'RUN_UNKNOWN'],
      [404, 'RUN_UNKNOWN'],
      [400, 'MESSAGE_MALFORMED'],
      [400, 'MESSAGE_MALFORMED'],
      [410, 'EVENTS_EXPIRED'],
      [404, 'PATH_UNKNOWN'],
      [403, 'ORIGIN_REFUSED'],
      [400, 'MESSAGE_MALFORMED'],
    ]);
  });
});

function ask(
  pipeline: TestPipeline,
  request: string,
  claims?: Parameters<typeof tokenFor>[1],
): Promise<Response> {
  const body = { run_id: 'run-1', thread_id: 'thread-1', payload: { user_request: request } };
  return post(pipeline, '/runs', body, claims);
}

function post(
  { url }: TestPipeline,
  path: string,
  body: unknown,
  claims?: Parameters<typeof tokenFor>[1],
): Promise<Response> {
  const headers = { Authorization: `Bearer ${tokenFor('alice', claims)}`, Accept: 'text/event-stream' };
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

function follow(
  { url }: TestPipeline,
  run: string,
  headers: { readonly [name: string]: string },
  query = '',
  signal?: AbortSignal,
): Promise<Response> {
  const usual = { Authorization: `Bearer ${tokenFor('alice')}`, Accept: 'text/event-stream' };
  return fetch(`${url}/runs/${run}/events${query}`, {
    headers: { ...usual, ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Reads until it is so, and leaves. */
async function textUntil(response: Response, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    if (isEnough(text)) break;
  }
  return text;
}

interface StreamedEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: { readonly [key: string]: unknown };
}

async function eventsIn(response: Response): Promise<StreamedEvent[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    return { id: field('id'), event: field('event'), data: JSON.parse(field('data') ?? '{}') };
  });
}
