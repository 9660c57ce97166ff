import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { PipelineError } from '../errors.ts';
import type { UsageRecord, UsageSource } from '../ports.ts';

/** Far above what one user's records take, and far below what would hurt. */
const bytesMax = 16 * 1024 * 1024;

const record = z.object({
  id: z.string().max(200),
  at: z.iso.datetime(),
  model: z.string().max(200),
  latencyMs: z.number().min(0),
  promptTokens: z.number().int().min(0),
  completionTokens: z.number().int().min(0),
  userId: z.string().exactOptional(),
});

/**
 * Usage records from a file or an HTTP address that ends in JSON (an array) or NDJSON (a record on each
 * line). A file's records may carry a `userId`: a user gets those that carry theirs. An address is asked with
 * `?user=<id>`. `fetch` rejects where the source cannot be read, is too large, or holds anything else.
 */
export function usageSource(location: string): UsageSource {
  const read = isAddress(location) ? overHttp(location) : fromFile(location);
  return {
    check: (signal) => checkUsageSource(location, signal),
    async fetch({ userId }, signal) {
      const records = parse(await read(userId, signal))
        .filter((row) => row.userId === undefined || row.userId === userId)
        .map(({ userId: _whose, ...row }): UsageRecord => row);
      return records.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    },
  };
}

/**
 * Rejects with CONFIGURATION_INVALID for a file that is no file of usage records, and with SERVICE_NOT_READY for
 * an address at which nobody answers. What is answered there is not looked at: an address knows users only.
 */
async function checkUsageSource(location: string, signal: AbortSignal): Promise<void> {
  if (isAddress(location)) return checkAddress(location, signal);
  try {
    parse(await fromFile(location)('', signal));
  } catch (cause) {
    throw new PipelineError('CONFIGURATION_INVALID', { detail: troubleOf(cause), cause });
  }
}

async function checkAddress(address: string, signal: AbortSignal): Promise<void> {
  const reply = await fetch(address, { signal, headers: { Accept: 'application/json' } }).catch(
    (cause: unknown) => {
      throw new PipelineError('SERVICE_NOT_READY', { detail: 'no connection', cause });
    },
  );
  await reply.body?.cancel();
  if (reply.status >= 500 || reply.status === 401 || reply.status === 403)
    throw new PipelineError('SERVICE_NOT_READY', { detail: `it answers with HTTP status ${reply.status}` });
}

function isAddress(location: string): boolean {
  return /^https?:\/\//.test(location);
}

function troubleOf(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code !== undefined) return `the file cannot be read (${code})`;
  if (thrown instanceof z.ZodError)
    return `a record is malformed at ${thrown.issues[0]?.path.join('.') || 'the root'}`;
  return thrown instanceof SyntaxError ? 'the file is neither JSON nor NDJSON' : 'the file is too large';
}

type Read = (userId: string, signal: AbortSignal) => Promise<string>;

function fromFile(path: string): Read {
  return async (_userId, signal) => {
    const { size } = await stat(path);
    if (size > bytesMax) throw new Error(`The usage file has ${size} bytes; at most ${bytesMax} are read.`);
    return readFile(path, { encoding: 'utf8', signal });
  };
}

function overHttp(address: string): Read {
  return async (userId, signal) => {
    const url = new URL(address);
    url.searchParams.set('user', userId);
    const reply = await fetch(url, { signal, headers: { Accept: 'application/json' } });
    if (!reply.ok) throw new Error(`The usage source answered ${reply.status}.`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of reply.body ?? []) {
      size += chunk.length;
      if (size > bytesMax) throw new Error(`The usage source sent more than ${bytesMax} bytes.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  };
}

function parse(text: string): z.infer<typeof record>[] {
  const rows: unknown = text.trimStart().startsWith('[')
    ? JSON.parse(text)
    : text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line): unknown => JSON.parse(line));
  return z.array(record).parse(rows);
}
