import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, redisMissing, startRedisServer } from './delivery/redis-server.fixture.ts';
import type { RunAnswer, RunEvent } from './messages.ts';
import { serve } from './serve.ts';

const secret = 'a-secret-of-tests-that-is-long-enough';

it('refuses to start without a model, naming its variables', async () => {
  await expect(serve({})).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    detail: expect.stringMatching(
      /MODEL_URL is missing.*\n.*MODEL_NAME is missing.*\n.*LLM_API_KEY is missing/,
    ),
  });
});

it('refuses to start without its usage records, and names with them all else that is missing', async () => {
  const refused = serve(environment('redis://127.0.0.1:1', '/nowhere/usage.json'), { model: 'scripted' });
  await expect(refused).rejects.toMatchObject({
    lacks: [
      { name: 'redis', setting: 'REDIS_URL', found: expect.stringContaining('ECONNREFUSED') },
      { name: 'usage', setting: 'USAGE_SOURCE', found: 'there is no such file' },
    ],
  });
});

it('refuses to start without Redis, and leaves nothing behind', async () => {
  const before = process.listenerCount('SIGTERM');
  const refused = serve(environment('redis://127.0.0.1:1', '/dev/null'), { model: 'scripted' });
  await expect(refused).rejects.toMatchObject({
    code: 'SERVICE_NOT_READY',
    detail: expect.stringMatching(/looked for 2 times\)\n {2}redis: .*ECONNREFUSED \(REDIS_URL: /),
  });
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

describe('serving with a real Redis', () => {
  let server: RedisServer;
  let folder: string;

  beforeAll(async () => {
    if (redisMissing !== null) return;
    server = await startRedisServer();
    folder = await mkdtemp(join(tmpdir(), 'faultline-serve-'));
    const row = { model: 'gpt-4o', latencyMs: 900, promptTokens: 1_000, completionTokens: 300 };
    const rows = [1, 2, 3].map((day) => ({ id: `u${day}`, at: `2026-01-0${day}T00:00:00Z`, ...row }));
    await writeFile(join(folder, 'usage.ndjson'), rows.map((record) => JSON.stringify(record)).join('\n'));
  });
  beforeEach((context) => {
    if (redisMissing !== null) context.skip(redisMissing);
  });
  afterAll(async () => {
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('answers by the scripted model, which every answer names, and stops at SIGTERM', async () => {
    const redisUrl = `redis://127.0.0.1:${server.port}`;
    const serving = await serve(environment(redisUrl, join(folder, 'usage.ndjson')), { model: 'scripted' });
    const reply = await fetch(`${serving.url}/runs`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token()}` },
      body: JSON.stringify({
        run_id: 'run-1',
        thread_id: 'thread-1',
        payload: { user_request: 'Where does the money go?' },
      }),
    });
    const lines = (await reply.text()).trim().split('\n');
    const end = JSON.parse(lines.at(-1) ?? '') as RunEvent;
    expect(end.type).toBe('run_completed');
    expect((end.payload as RunAnswer).model).toBe('scripted');
    const metrics = await (await fetch(`${serving.url}/metrics`)).text();
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).toContain('faultline_runs_total{outcome="complete"} 1');

    process.emit('SIGTERM');
    await serving.stopped;
    await expect(fetch(`${serving.url}/health`)).rejects.toThrow();
  });
});

function environment(redisUrl: string, usage: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    JWT_SECRET: secret,
    JWT_AUDIENCE: 'tests',
    USAGE_SOURCE: usage,
    PORT: '0',
    ALLOW_MISSING_ORIGIN: 'true',
    LOG_LEVEL: 'silent',
    STARTUP_TRIES: '2',
    STARTUP_PAUSE_MS: '1',
  };
}

function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 60;
  const text = `${part({ alg: 'HS256' })}.${part({ sub: 'alice', aud: 'tests', exp })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
