import { Redis } from 'ioredis';
import type { EventDraft } from '../../history.ts';
import { keyPrefix as usualPrefix } from '../../reference/config.ts';
import { type StoredKey, storedEvents } from '../../reference/roads.ts';
import type { RedisAddress } from './redis/address.ts';

/** The harness's own connection to the Redis of a world: it sees and touches only keys under one prefix. */
export interface StoreAtRest {
  /** What lies there, as a history tells it. */
  read(): Promise<EventDraft[]>;
  /** Removes exactly the keys that are there under the prefix. */
  empty(): Promise<void>;
  close(): void;
}

export function openStoreAtRest(address: RedisAddress, prefix: string): StoreAtRest {
  const redis = new Redis({
    host: address.host,
    port: address.port,
    db: address.database,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls ? { tls: { servername: address.host } } : {}),
    disableClientInfo: true,
    maxRetriesPerRequest: 3,
    commandTimeout: 10_000,
    lazyConnect: true,
  });
  // Each command rejects with what went wrong; this only keeps the event from being nobody's.
  redis.on('error', () => {});
  return {
    read: async () => {
      const keys = await snapshotOver(redis, prefix);
      return keys.flatMap((key) => storedEvents(usualPrefix, inHistory(key, prefix)));
    },
    empty: async () => {
      await deleteUnder(redis, prefix);
    },
    close: () => redis.disconnect(),
  };
}

async function keysUnder(redis: Redis, prefix: string): Promise<string[]> {
  const found: string[] = [];
  let c = '0';
  do {
    const [n, k] = await redis.scan(c, 'MATCH', `${prefix}*`, 'COUNT', 1000);
    found.push(...k);
    c = n;
  } while (c !== '0');
  return [...new Set(found)].sort();
}
async function deleteUnder(redis: Redis, prefix: string): Promise<void> {
  const k = await keysUnder(redis, prefix);
  if (k.length > 0) await redis.unlink(...k);
}
async function snapshotOver(redis: Redis, prefix: string): Promise<StoredKey[]> {
  return Promise.all(
    (await keysUnder(redis, prefix)).map(async (key): Promise<StoredKey> => {
      const type = (await redis.type(key)) as StoredKey['type'];
      const expires = (await redis.pttl(key)) >= 0;
      const texts =
        type === 'string'
          ? [(await redis.get(key)) ?? '']
          : type === 'hash'
            ? [JSON.stringify(await redis.hgetall(key))]
            : (await redis.xrange(key, '-', '+')).map(([, f]) => f[3] ?? '');
      return { key, type, texts, expires };
    }),
  );
}
function inHistory(key: StoredKey, prefix: string): StoredKey {
  return { ...key, key: usualPrefix + key.key.slice(prefix.length) };
}
