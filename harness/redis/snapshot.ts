import type { Redis } from 'ioredis';
import { textOfBytes } from '../latin1.ts';
import type { SimulatedRedis } from './server.ts';
import { greatestId, leastId, printId } from './stream-id.ts';
import { inOrder, type Value } from './value.ts';

/** One key as it lies in the store at rest; texts are decoded as UTF-8. `ttlMs` null: it never expires. */
export type StoredKey = { readonly key: string; readonly ttlMs: number | null } & StoredValue;

export type StoredValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'list'; readonly value: readonly string[] }
  /** Sorted. */
  | { readonly type: 'set'; readonly value: readonly string[] }
  | { readonly type: 'zset'; readonly value: readonly { readonly member: string; readonly score: number }[] }
  /** Fields in order of their names. */
  | { readonly type: 'hash'; readonly value: Readonly<Record<string, string>> }
  /** `fields`: names and values in turn. */
  | { readonly type: 'stream'; readonly value: readonly StoredEntry[] };

export interface StoredEntry {
  readonly id: string;
  readonly fields: readonly string[];
}

/** All keys of a simulated database that have not expired, sorted by key. */
export function snapshotOf(redis: SimulatedRedis, database = 0): StoredKey[] {
  redis.begin();
  const keys = redis.database(database);
  const stored = keys.keys().flatMap((key): StoredKey[] => {
    const value = keys.get(key);
    if (value === undefined) return [];
    const expiry = keys.expiry(key);
    return [
      {
        key: textOfBytes(key),
        ttlMs: expiry === null ? null : Math.max(0, expiry - redis.time),
        ...storedValue(value),
      },
    ];
  });
  return sorted(stored);
}

/** The same, read over a connection: of keys under a prefix only. Rejects as the client does. */
export async function snapshotOver(client: Redis, prefix: string): Promise<StoredKey[]> {
  const keys = await keysUnder(client, prefix);
  const stored: StoredKey[] = [];
  for (const key of keys) {
    const ttl = await client.pttl(key);
    const value = await readValue(client, key, await client.type(key));
    if (value !== null) stored.push({ key, ttlMs: ttl < 0 ? null : ttl, ...value });
  }
  return sorted(stored);
}

/** Deletes exactly the keys under a prefix; how many there were. Rejects as the client does. */
export async function deleteUnder(client: Redis, prefix: string): Promise<number> {
  const keys = await keysUnder(client, prefix);
  let deleted = 0;
  for (let i = 0; i < keys.length; i += 500) deleted += await client.unlink(...keys.slice(i, i + 500));
  return deleted;
}

async function keysUnder(client: Redis, prefix: string): Promise<string[]> {
  const keys = new Set<string>();
  const pattern = `${prefix.replace(/[*?[\]\\^]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const [next, found] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    for (const key of found) keys.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...keys];
}

/** Null where the key has gone meanwhile. */
async function readValue(client: Redis, key: string, type: string): Promise<StoredValue | null> {
  switch (type) {
    case 'string': {
      const value = await client.get(key);
      return value === null ? null : { type, value };
    }
    case 'list':
      return { type, value: await client.lrange(key, 0, -1) };
    case 'set':
      return { type, value: (await client.smembers(key)).sort() };
    case 'zset': {
      const flat = await client.zrange(key, 0, -1, 'WITHSCORES');
      return { type, value: pairs(flat).map(([member, score]) => ({ member, score: scoreOf(score) })) };
    }
    case 'hash':
      return { type, value: byField(Object.entries(await client.hgetall(key))) };
    case 'stream': {
      const entries = await client.xrange(key, '-', '+');
      return { type, value: entries.map(([id, fields]) => ({ id, fields })) };
    }
    default:
      return null;
  }
}

function storedValue(value: Value): StoredValue {
  switch (value.type) {
    case 'string':
      return { type: 'string', value: textOfBytes(value.bytes) };
    case 'list':
      return { type: 'list', value: value.items.map(textOfBytes) };
    case 'set':
      return { type: 'set', value: [...value.members].map(textOfBytes).sort() };
    case 'zset':
      return {
        type: 'zset',
        value: inOrder(value.scores).map(([member, score]) => ({ member: textOfBytes(member), score })),
      };
    case 'hash':
      return {
        type: 'hash',
        value: byField([...value.fields].map(([name, bytes]) => [textOfBytes(name), textOfBytes(bytes)])),
      };
    case 'stream':
      return {
        type: 'stream',
        value: value.stream
          .range(leastId, greatestId)
          .map((entry) => ({ id: printId(entry), fields: entry.fields.map(textOfBytes) })),
      };
  }
}

function sorted(stored: StoredKey[]): StoredKey[] {
  return stored.sort((a, b) => compare(a.key, b.key));
}

function byField(fields: [name: string, value: string][]): Record<string, string> {
  return Object.fromEntries(fields.sort(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((item, i): [string, string][] => (i % 2 === 0 ? [[item, flat[i + 1] ?? '']] : []));
}

function scoreOf(printed: string): number {
  return printed.endsWith('inf') ? (printed.startsWith('-') ? -Infinity : Infinity) : Number(printed);
}
