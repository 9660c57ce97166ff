import { expect, it } from 'vitest';
import { createLog, redactor } from './log.ts';

const canary = 'canary+secret/of"tests';
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

it.each([
  ['itself', canary],
  ['URL-encoded', encodeURIComponent(canary)],
  ['in base64', Buffer.from(canary).toString('base64')],
  ['in base64url', Buffer.from(canary).toString('base64url')],
  ['in JSON', JSON.stringify({ deep: [canary] })],
])('redacts a known secret %s', (_how, text) => {
  const clean = redactor([canary])(`before ${text} after`);
  expect(clean).toContain('[redacted]');
  expect(clean).not.toContain(text);
  expect(clean).toMatch(/^before .*after$/);
});

it('redacts tokens, credentials in addresses, and values by their key', () => {
  const clean = redactor([])(
    JSON.stringify({
      text: `jwt.${token} and redis://user:p4ss@host:6379/0`,
      authorization: 'Bearer something',
      api_key: 'k1',
      nested: { db_password: 'p"q' },
      tokens: 5,
    }),
  );
  for (const leak of [token, 'p4ss', 'something', 'k1', 'p\\"q']) expect(clean).not.toContain(leak);
  expect(JSON.parse(clean)).toMatchObject({ tokens: 5, nested: { db_password: '[redacted]' } });
});

it.each([
  ['a token', `signed by ${token}`],
  ['credentials in an address', 'at redis://user:p4ss@host:6379/0'],
  ...[
    'Password',
    'client_SECRET',
    'id-token',
    'API_KEY',
    'apikey',
    'credentials',
    'Authorization',
    'cookie',
    'Sec-WebSocket-Protocol',
  ].map((key) => [key, `{"${key}":"p4ss"}`]),
])('redacts %s where nothing else in the line is a secret', (_what, text) => {
  const clean = redactor([canary])(text);
  expect(clean).toContain('[redacted]');
  expect(clean).not.toMatch(/p4ss|eyJ/);
});

it('writes lines with the time of the clock port, errors whole, and nothing below its level', () => {
  const lines: string[] = [];
  const log = createLog({
    sink: { write: (line) => lines.push(line) },
    clock: { now: () => 42, after: () => () => {} },
    level: 'info',
    secrets: [canary],
  });
  log.debug('unheard');
  log.warn({ code: 'INTERNAL', err: new Error(`with ${canary}`, { cause: new Error('below') }) }, 'failed');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ time: 42, code: 'INTERNAL', msg: 'failed' });
  expect(lines[0]).toContain('below');
  expect(lines[0]).not.toContain('canary');
});

it('leaves the command out of an error of Redis: it holds what users wrote', () => {
  const lines: string[] = [];
  const log = createLog({
    sink: { write: (line) => lines.push(line) },
    clock: { now: () => 0, after: () => () => {} },
    level: 'info',
    secrets: [],
  });
  const refused = Object.assign(new Error('OOM command not allowed'), {
    command: { name: 'set', args: ['key', 'what a user wrote'] },
    code: 'EREPLY',
  });
  log.warn({ err: refused }, 'failed');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { message: refused.message, code: 'EREPLY' } });
  expect(lines[0]).not.toContain('what a user wrote');
});
