import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { configFromEnvironment } from './environment.ts';
import { PipelineError } from './errors.ts';

const whole = {
  REDIS_URL: 'redis://:p%40ss@redis.example:6380/2',
  JWT_SECRET: 'a-secret-that-is-long-enough-for-hs256',
  JWT_AUDIENCE: 'agents',
  USAGE_SOURCE: 'usage.ndjson',
  MODEL_URL: 'https://api.example.com/v1/',
  MODEL_NAME: 'a-model',
  LLM_API_KEY: 'key-of-the-model',
};

it('reads a whole environment', () => {
  const config = configFromEnvironment({
    ...whole,
    PORT: '0',
    ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000',
    RUN_TIMEOUT_MS: '5000',
  });
  expect(config.redis).toEqual({
    options: { host: 'redis.example', port: 6380, db: 2, password: 'p@ss' },
    keyPrefix: 'faultline:',
  });
  expect([config.host, config.port, config.usageSource]).toEqual(['127.0.0.1', 0, 'usage.ndjson']);
  expect(config.pipeline.model).toEqual({
    url: 'https://api.example.com/v1',
    name: 'a-model',
    apiKey: 'key-of-the-model',
  });
  expect(config.pipeline.origins).toEqual({
    allowed: ['https://a.example', 'http://localhost:3000'],
    withoutOrigin: false,
  });
  expect(config.pipeline.timeouts.runMs).toBe(5_000);
});

it.each(Object.keys(whole))('names %s where it is missing or empty, with what it is for', (name) => {
  for (const value of [undefined, '', '  '])
    expect(complaint({ ...whole, [name]: value })).toMatch(new RegExp(`^\\n  ${name} is missing: .{10,}$`));
});

it('names everything at once', () => {
  const lines = complaint({}).trim().split('\n');
  expect(lines.map((line) => line.trim().split(' ')[0]).sort()).toEqual(Object.keys(whole).sort());
});

it.each([
  ['REDIS_URL', 'http://127.0.0.1', 'malformed (16 characters)'],
  ['REDIS_URL', 'redis://127.0.0.1/nine', 'malformed (22 characters)'],
  ['REDIS_URL', 'redis://:canary%zz@127.0.0.1', 'malformed (28 characters)'],
  ['JWT_SECRET', 'short-canary', 'malformed (12 characters)'],
  ['MODEL_URL', 'api.example.com', 'malformed ("api.example.com")'],
  ['PORT', '70000', 'malformed ("70000")'],
  ['ALLOWED_ORIGINS', 'https://a.example/path', 'malformed ("https://a.example/path")'],
  ['RUN_TIMEOUT_MS', '-1', 'malformed ("-1")'],
  ['RUN_TIMEOUT_MS', '3600000', 'malformed ("3600000")'],
  ['LOG_LEVEL', 'loud', 'malformed ("loud")'],
])('names %s=%s, with what was found and no secret', (name, value, found) => {
  const told = complaint({ ...whole, [name]: value });
  expect(told).toContain(`${name} is ${found}`);
  expect(told).not.toContain('canary');
});

it('needs no model where the scripted one is asked for by name', () => {
  const { MODEL_URL, MODEL_NAME, LLM_API_KEY, ...rest } = whole;
  expect([MODEL_URL, MODEL_NAME, LLM_API_KEY]).not.toContain(undefined);
  expect(configFromEnvironment(rest, { model: 'scripted' }).pipeline.model.name).toBe('scripted');
});

it.each([
  ['60', 60_000],
  ['0.5', 500],
])('reads the heartbeat in seconds too, as the incident report has it (%s)', (text, ms) => {
  const { pipeline } = configFromEnvironment({ ...whole, WEBSOCKET_HEARTBEAT_INTERVAL: text });
  expect(pipeline.timeouts.heartbeatMs).toBe(ms);
});

it('lets nobody but development be degraded', () => {
  const { pipeline } = configFromEnvironment({
    ...whole,
    ENVIRONMENT: 'development',
    ALLOW_DEGRADED: 'true',
  });
  expect([pipeline.environment, pipeline.degraded]).toEqual(['development', true]);
  for (const stage of ['staging', 'production', ''])
    expect(complaint({ ...whole, ENVIRONMENT: stage, ALLOW_DEGRADED: 'true' })).toContain(
      'ALLOW_DEGRADED is for ENVIRONMENT=development alone',
    );
});

it('is what docs/operations.md says: every variable, and which are needed', async () => {
  const page = await readFile(new URL('../docs/operations.md', import.meta.url), 'utf8');
  const rows = (page.split('<!-- table: variables -->\n')[1]?.split('\n\n')[0] ?? '')
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()));
  const asked = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get(_target, name) {
        asked.add(String(name));
        return undefined;
      },
    },
  );
  const needed = Array.from(complaint(environment).matchAll(/(\w+) is missing/g), ([, name]) => name);
  expect(rows.map(([, name]) => name?.replaceAll('`', '')).sort()).toEqual([...asked].sort());
  expect(rows.filter(([, , what]) => what === 'needed').map(([, name]) => name?.replaceAll('`', ''))).toEqual(
    needed,
  );
});

function complaint(environment: Record<string, string | undefined>): string {
  try {
    configFromEnvironment(environment);
    return '';
  } catch (thrown) {
    if (thrown instanceof PipelineError && thrown.code === 'CONFIGURATION_INVALID')
      return thrown.detail ?? '';
    throw thrown;
  }
}
