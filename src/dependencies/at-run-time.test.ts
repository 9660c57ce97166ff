import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSystemPorts } from '../adapters/system-ports.ts';
import { usageSource } from '../adapters/usage-source.ts';
import { type PipelineConfigInput, pipelineConfig } from '../config.ts';
import { type RedisServer, redisMissing, startRedisServer } from '../delivery/redis-server.fixture.ts';
import { audience, secret, tokenFor } from '../gateway/test-pipeline.fixture.ts';
import { createHealthyParts } from '../healthy-parts.ts';
import { createScriptedFetch } from '../model/scripted.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import type { Fetch } from '../ports.ts';

describe('a pipeline whose dependencies come and go', () => {
  let redis: RedisServer;
  const open: (() => unknown)[] = [];
  beforeAll(async () => {
    if (redisMissing === null) redis = await startRedisServer();
  });
  beforeEach((context) => {
    if (redisMissing !== null) context.skip(redisMissing);
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  afterAll(() => redis?.stop());

  /** The model, which can be taken away; and what it was asked for. */
  function model(): { fetch: Fetch; asked: string[]; isAway: boolean } {
    const scripted = createScriptedFetch();
    const self = {
      asked: [] as string[],
      isAway: false,
      fetch: (async (url, init) => {
        self.asked.push(`${init.method} ${url.slice(url.lastIndexOf('/'))}`);
        if (self.isAway) throw new TypeError('fetch failed');
        return scripted(url, init);
      }) satisfies Fetch,
    };
    return self;
  }

  async function serving(
    fetch: Fetch | null,
    config: Partial<PipelineConfigInput> = {},
    usage = usageSource('/dev/null'),
  ): Promise<{ pipeline: Pipeline; url: string }> {
    const ports = createSystemPorts({
      host: '127.0.0.1',
      port: 0,
      redis: { options: { host: '127.0.0.1', port: redis.port }, keyPrefix: 'test:' },
      usage,
      log: { write: () => {} },
    });
    const pipeline = createPipeline(
      { ...ports, fetch: fetch as Fetch },
      pipelineConfig.parse({
        jwt: { secret, audience },
        origins: { withoutOrigin: true },
        model: { url: 'http://model.test/v1', name: 'scripted', apiKey: 'none' },
        startup: { tries: 1, pauseMs: 1 },
        prerequisites: { ttlMs: 100, deadlineMs: 1_000 },
        ...config,
      }),
      createHealthyParts(usage),
    );
    open.push(() => pipeline.close());
    const { url } = await pipeline.start();
    return { pipeline, url };
  }

  async function get(url: string): Promise<[number, unknown]> {
    const reply = await fetch(url);
    return [reply.status, await reply.json()];
  }

  function ask(url: string, run_id: string, token = tokenFor('alice'), signal?: AbortSignal) {
    return fetch(`${url}/runs`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify({ run_id, thread_id: 't', payload: { user_request: `Cut costs (${run_id})` } }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function outdated(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 120));
  }

  it('says that the model is away, begins no run without it, and does both again once it is back', async () => {
    const away = model();
    const { url } = await serving(away.fetch);
    expect(await get(`${url}/ready`)).toEqual([200, { status: 'ready', missing: [] }]);
    away.isAway = true;
    await outdated();
    expect(await get(`${url}/ready`)).toEqual([
      503,
      { status: 'not ready', missing: [{ dependency: 'model', code: 'MODEL_UNREACHABLE' }] },
    ]);
    const refused = await ask(url, 'run-1');
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { code: 'PREREQUISITE_FAILED', message: expect.stringContaining('model: no connection') },
    ]);
    expect(away.asked).not.toContain('POST /completions');
    away.isAway = false;
    await outdated();
    expect((await get(`${url}/ready`))[0]).toBe(200);
    // Nothing of the refusal is left: the same run can be asked for again.
    expect(await (await ask(url, 'run-1')).text()).toContain('"run_completed"');
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toContain('faultline_prerequisites_failed_total{name="model",refused="true"} 1');
    expect(page).toContain('faultline_circuit_open{dependency="model"} 0');
  });

  it('says that a part of the supervisor is gone, and that it is back', async () => {
    const { asked: _asked, ...scripted } = model();
    const tools = [...createHealthyParts(usageSource('/dev/null')).tools];
    const usage = usageSource('/dev/null');
    const ports = createSystemPorts({
      host: '127.0.0.1',
      port: 0,
      redis: { options: { host: '127.0.0.1', port: redis.port }, keyPrefix: 'test:' },
      usage,
      fetch: scripted.fetch,
      log: { write: () => {} },
    });
    const config = pipelineConfig.parse({
      jwt: { secret, audience },
      origins: { withoutOrigin: true },
      model: { url: 'http://model.test/v1', name: 'scripted' },
    });
    const pipeline = createPipeline(ports, config, { ...createHealthyParts(usage), tools });
    open.push(() => pipeline.close());
    const { url } = await pipeline.start();
    const taken = tools.splice(0);
    expect(await get(`${url}/ready`)).toMatchObject([503, { missing: [{ dependency: 'supervisor' }] }]);
    expect(await (await ask(url, 'run-2')).json()).toMatchObject({ code: 'PREREQUISITE_FAILED' });
    tools.push(...taken);
    expect((await get(`${url}/ready`))[0]).toBe(200);
  });

  it('refuses every request by name in the degraded mode, and asks nobody', async () => {
    const { url } = await serving(null, { environment: 'development', degraded: true });
    expect(await get(`${url}/health`)).toEqual([200, { status: 'ok' }]);
    expect(await get(`${url}/ready`)).toMatchObject([503, { missing: [{ dependency: 'model' }] }]);
    const refused = await ask(url, 'run-3');
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      {
        code: 'SERVICE_NOT_READY',
        message: expect.stringContaining('model: it is null (MODEL_URL, LLM_API_KEY:'),
      },
    ]);
  });

  it('looks for nothing again once it was closed while it started', async () => {
    let fail = (): void => {};
    let asked = 0;
    const starting = serving(
      () => {
        asked += 1;
        return new Promise((_resolve, reject) => {
          fail = () => reject(new TypeError('fetch failed'));
        });
      },
      { startup: { tries: 3, pauseMs: 1 } },
    );
    const refused = expect(starting).rejects.toMatchObject({ code: 'SERVICE_NOT_READY' });
    await open.at(-1)?.();
    fail();
    await refused;
    expect(asked).toBe(1);
  });

  it('does not start in the degraded mode anywhere but in development', async () => {
    await expect(serving(null, { environment: 'staging', degraded: true })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      lacks: [{ name: 'model' }],
    });
  });

  it('begins runs for tokens that grant it, where a scope is asked for', async () => {
    const { url } = await serving(model().fetch, { prerequisites: { startScope: 'runs:start' } });
    const denied = await ask(url, 'run-4', tokenFor('alice', { scope: 'runs:read profile' }));
    expect([denied.status, await denied.json()]).toMatchObject([403, { code: 'PERMISSION_DENIED' }]);
    const granted = await ask(url, 'run-4', tokenFor('alice', { scope: 'profile runs:start' }));
    expect(await granted.text()).toContain('"run_completed"');
  });

  it('lets go of the model and of the usage source at the deadline of the call', async () => {
    const gone: string[] = [];
    const heldOpen = (name: string): Server =>
      createServer((request: IncomingMessage, response) => {
        if (request.url === '/v1/models' || request.url === '/usage') {
          response.end('[]');
          return;
        }
        response.on('close', () => gone.push(name));
      }).listen(0, '127.0.0.1');
    const server = heldOpen('usage');
    open.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { url } = await serving(model().fetch, { timeouts: { toolMs: 200 } }, usageSource(`${base}/usage`));
    expect(await (await ask(url, 'run-5')).text()).toContain('TOOL_FAILED');
    expect(gone.length).toBeGreaterThan(0);
    const silent = heldOpen('model');
    open.push(() => silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const modelUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
    const hanging = await serving((address, init) => fetch(address, init), {
      model: { url: modelUrl, name: 'm', apiKey: 'k' },
      timeouts: { modelMs: 200 },
    });
    expect(await (await ask(hanging.url, 'run-6')).text()).toContain('MODEL_TIMEOUT');
    expect(gone).toContain('model');
  });
});
