import { expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { tokenFor } from './config.ts';
import { loggedEvent } from './log-lines.ts';

function linesOf(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(
    createLog({
      sink: { write: (line) => lines.push(line) },
      clock: { now: () => 1_700_000_000_000, after: () => () => {} },
      level: 'info',
      secrets: [],
    }),
  );
  return lines;
}

it('a warning becomes an event that names the run, without the words of an engine', () => {
  const thrown = new TypeError("Cannot read properties of undefined (reading 'use_4f9k2m1z8q0a')");
  const lines = linesOf((log) => {
    log.info({ url: 'http://127.0.0.1:8080' }, 'listening');
    log.warn(
      { code: 'AGENT_FAILED', correlation_id: 'corr_0123456789', user: 'alice', run: 'run-1', err: thrown },
      'failed',
    );
    log.error({ what: 'lease', key: 'u:bob:r:run-12345:state' }, 'delivery');
  });
  expect(lines.map(loggedEvent)).toEqual([
    null,
    {
      type: 'logged',
      actor: 'gateway',
      level: 'warn',
      says: 'failed',
      code: 'AGENT_FAILED',
      user: 'alice',
      run: 'run-1',
      words: ['use_4f9k2m1z8q0a'],
    },
    { type: 'logged', actor: 'gateway', level: 'error', says: 'delivery', words: ['run-12345'] },
  ]);
});

it('a secret in a line is always kept, whatever its looks, its place and the level of the line', () => {
  const secret = 'secret-of-plays-of-the-reference-pipeline';
  const token = tokenFor('alice', 0);
  const many = Array.from({ length: 300 }, (_, index) => `value-${1_000 + index}`);
  const lines = [
    { level: 40, msg: 'many words', many, key: secret },
    { level: 20, msg: 'asked', asked: [`Bearer ${token}`] },
    { level: 30, msg: 'thrown', user: 'alice', err: { stack: `at (${secret})` } },
    { level: 30, msg: 'nothing', many },
  ];
  const events = lines.map((line) => loggedEvent(JSON.stringify(line)));
  expect(events).toMatchObject([
    { level: 'warn', says: 'many words' },
    { level: 'debug', says: 'asked', words: [token] },
    { level: 'info', says: 'thrown', user: 'alice', words: [secret] },
    null,
  ]);
  expect(events[0]).toMatchObject({ words: [secret, ...many.slice(0, 199)] });
});

it('what is no line of the log is none', () => {
  for (const line of ['', 'Warning: something', '[40]', '{"level":"40"}', 'null'])
    expect(loggedEvent(line)).toBeNull();
});
