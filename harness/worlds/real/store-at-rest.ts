import { Redis } from 'ioredis';
import type { EventDraft } from '../../history.ts';
import { deleteUnder, snapshotOver } from '../../redis/snapshot.ts';
import { keyPrefix as usualPrefix } from '../../reference/config.ts';
import { inTexts, storedEvents } from '../../reference/roads.ts';
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
      // In a history keys look the same whatever stood before them on this server.
      return keys.flatMap((stored) =>
        storedEvents(usualPrefix, inTexts({ ...stored, key: usualPrefix + stored.key.slice(prefix.length) })),
      );
    },
    empty: async () => {
      await deleteUnder(redis, prefix);
    },
    close: () => redis.disconnect(),
  };
}
