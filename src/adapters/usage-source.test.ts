import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usageSource } from './usage-source.ts';

const row = (id: string, at: string, more: object = {}) => ({
  id,
  at,
  model: 'gpt-4o',
  latencyMs: 5,
  promptTokens: 10,
  completionTokens: 2,
  ...more,
});
const query = { userId: 'alice', runId: 'run-1' };
const signal = new AbortController().signal;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-usage-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(text: string): Promise<string> {
  const path = join(folder, 'usage');
  await writeFile(path, text);
  return path;
}

it('reads JSON and NDJSON, oldest first, and gives a user what is theirs or nobody’s', async () => {
  const rows = [
    row('b', '2026-01-02T00:00:00Z'),
    row('a', '2026-01-01T00:00:00Z', { userId: 'alice' }),
    row('c', '2026-01-01T00:00:00Z', { userId: 'bob' }),
  ];
  for (const text of [JSON.stringify(rows), rows.map((record) => JSON.stringify(record)).join('\n\n')]) {
    const records = await usageSource(await fileWith(text)).fetch(query, signal);
    expect(records).toEqual([row('a', '2026-01-01T00:00:00Z'), row('b', '2026-01-02T00:00:00Z')]);
  }
});

it.each([
  ['what is not JSON', 'id;at'],
  ['a record without a time', JSON.stringify([{ ...row('a', ''), at: undefined }])],
  ['a negative latency', JSON.stringify([row('a', '2026-01-01T00:00:00Z', { latencyMs: -1 })])],
  ['a file beyond the bound', ' '.repeat(16 * 1024 * 1024 + 1)],
])('refuses %s', async (_what, text) => {
  await expect(usageSource(await fileWith(text)).fetch(query, signal)).rejects.toThrow();
});

it('asks an address for the user, and refuses an answer that is none or never ends', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/broken?user=alice') response.writeHead(500).end();
    else if (request.url === '/endless?user=alice') {
      const more = (): void => {
        while (response.write('x'.repeat(1 << 20)));
      };
      response.on('drain', more);
      more();
    } else response.end(JSON.stringify([row(request.url ?? '', '2026-01-01T00:00:00Z')]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const records = await usageSource(`${base}/usage`).fetch(query, signal);
  expect(records.map(({ id }) => id)).toEqual(['/usage?user=alice']);
  await expect(usageSource(`${base}/broken`).fetch(query, signal)).rejects.toThrow('500');
  await expect(usageSource(`${base}/endless`).fetch(query, signal)).rejects.toThrow('more than');
  server.closeAllConnections();
  server.close();
});

it.each([
  ['no file', '', 'there is no such file'],
  ['text', 'hello', 'the file is neither JSON nor NDJSON'],
  ['other records', '[{"id":"u1"}]', 'a record is malformed at 0.at'],
])('is told from %s before anybody asks', async (_what, text, trouble) => {
  const location = text === '' ? join(folder, 'nothing') : await fileWith(text);
  await expect(usageSource(location).check?.(signal)).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    detail: trouble,
  });
});

it('asks an address whether anybody answers, and takes a file of records', async () => {
  await expect(usageSource('http://127.0.0.1:1/usage').check?.(signal)).rejects.toMatchObject({
    code: 'SERVICE_NOT_READY',
    detail: 'no connection',
  });
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/down' ? 503 : 404;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(usageSource(`${base}/down`).check?.(signal)).rejects.toMatchObject({
    detail: 'it answers with HTTP status 503',
  });
  await usageSource(`${base}/for-users-only`).check?.(signal);
  server.close();
  await usageSource(await fileWith(JSON.stringify(row('u1', '2026-01-01T00:00:00Z')))).check?.(signal);
});
