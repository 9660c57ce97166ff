import { afterEach, describe, expect, it } from 'vitest';
import type { Fetch } from '../../src/ports.ts';
import { type Case, caseSchemaId } from '../case.ts';
import type { WorldClock } from '../clock.ts';
import { Director } from '../director.ts';
import { eventsOf, Recorder } from '../history.ts';
import { ManualClock } from '../manual-clock.ts';
import { type FakeModelServer, startFakeModelServer } from './fake-server.ts';
import { ScriptedModel } from './model-call.ts';
import { planAnswer } from './scripted-model.ts';
import { createSimulatedFetch } from './simulated-fetch.ts';

const request = { wire: 'model', direction: 'request' } as const;
const second = { wire: 'model', direction: 'reply', count: 2 } as const;
const whole = planAnswer(
  { user: 'alice', run: 'run-1', agent: 'data', n: 1 },
  { sufficiency: 'sufficient', chunks: 3 },
  5,
  'm',
).chunks;

const servers: FakeModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

// The simulated one must be to the pipeline what the platform's fetch is with the real server.
describe.each(['simulated', 'real'] as const)('%s fetch', (world) => {
  it('brings the answer whole', async () => {
    const { call } = await open(world, []);
    const reply = await call();
    expect(reply.status).toBe(200);
    expect(reply.headers.get('Content-Type')).toBe('text/event-stream');
    expect(await reply.text()).toBe(whole.join(''));
  });

  it('brings the body as it comes', async () => {
    const { call } = await open(world, []);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await call()).body ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(whole.join(''));
  });

  it('brings an error status', async () => {
    const { call } = await open(world, [{ at: request, fate: { do: 'fail', error: '503' } }]);
    const reply = await call();
    expect(reply.status).toBe(503);
    expect(JSON.parse(await reply.text())).toMatchObject({ error: { code: '503' } });
  });

  it('fails with a code where the connection breaks before the answer', async () => {
    const { call } = await open(world, [{ at: request, fate: { do: 'cut', when: 'after' } }]);
    const thrown = await call().then(null, (reason) => reason);
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown.message).toBe('fetch failed');
    expect(thrown.cause.code).toBe('ECONNRESET');
  });

  it('fails with a code where the connection breaks in the body, after what came before', async () => {
    const { call } = await open(world, [{ at: second, fate: { do: 'cut', when: 'after' } }]);
    const reply = await call();
    const chunks: Uint8Array[] = [];
    const thrown = await (async () => {
      for await (const chunk of reply.body ?? []) chunks.push(chunk);
    })().then(null, (reason) => reason);
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown.message).toBe('terminated');
    // Node 24 names the reset itself; before that it was a socket that the other side closed. The pipeline
    // takes both for the same, and the simulation says the older one on every Node.
    const isNewer = world !== 'simulated' && Number.parseInt(process.versions.node, 10) >= 24;
    expect(thrown.cause.code).toBe(isNewer ? 'ECONNRESET' : 'UND_ERR_SOCKET');
    const came = Buffer.concat(chunks).toString();
    // The platform throws away what was not read when the break was seen.
    expect(whole.slice(0, 2).join('').startsWith(came)).toBe(true);
    if (world === 'simulated') expect(came).toBe(whole.slice(0, 2).join(''));
  });

  it('rejects when it is called off before the answer', async () => {
    const { call } = await open(world, [{ at: request, fate: { do: 'drop' } }]);
    const controller = new AbortController();
    const calling = call(controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(calling).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('rejects with the reason that it is called off with', async () => {
    const { call } = await open(world, []);
    const reason = new Error('enough');
    await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('rejects the body when it is called off in it', async () => {
    const { call } = await open(world, [{ at: second, fate: { do: 'delay', ms: 60_000 } }]);
    const controller = new AbortController();
    const reply = await call(controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(reply.text()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('tells the model when the caller reads no further', async () => {
    const { call, outcomes } = await open(world, [{ at: second, fate: { do: 'delay', ms: 60_000 } }]);
    for await (const _ of (await call()).body ?? []) break;
    await expect.poll(outcomes).toEqual(['abandoned']);
  });
});

it('the real server refuses what is too large, and calls between plays', async () => {
  const server = await startFakeModelServer(() => undefined);
  servers.push(server);
  const post = (body: string) => fetch(`${server.url}/chat/completions`, { method: 'POST', body });
  expect((await post('{}')).status).toBe(503);
  const large = await post('x'.repeat(5 * 1024 * 1024)).then(
    ({ status }) => status,
    () => 413,
  );
  expect(large).toBe(413);
});

async function open(world: 'simulated' | 'real', faults: Case['faults']) {
  const clock = new ManualClock();
  const recorder = new Recorder(() => clock.now());
  const playing: Case = {
    schema: caseSchemaId,
    scenario: 'test',
    seed: 5,
    users: [{ id: 'alice', arrivesAtMs: 0, confirms: 'all', actions: [] }],
    model: [{ user: 'alice', run: 'run-1', sufficiency: 'sufficient', chunks: 3 }],
    faults,
    contaminations: [],
    schedule: [],
  };
  const worldClock: WorldClock = clock;
  const director = new Director({ playing, recorder, clock: worldClock });
  const model = new ScriptedModel({ playing, director, recorder, clock: worldClock });
  const { fetch: ask, url } = await reach(world, model);
  return {
    outcomes: () => eventsOf(recorder.history(), 'answered').map(({ outcome }) => outcome),
    call: (signal?: AbortSignal) =>
      ask(`${url}/chat/completions`, {
        method: 'POST',
        headers: { 'X-Client-Request-Id': 'alice/run-1/data/1', 'Content-Type': 'application/json' },
        body: JSON.stringify({ model: 'm', messages: [] }),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

async function reach(
  world: 'simulated' | 'real',
  model: ScriptedModel,
): Promise<{ fetch: Fetch; url: string }> {
  if (world === 'simulated') return { fetch: createSimulatedFetch(model), url: 'http://model.simulated/v1' };
  const server = await startFakeModelServer(() => model);
  servers.push(server);
  return { fetch, url: server.url };
}
