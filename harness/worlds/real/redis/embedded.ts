import { startEmbeddedRedis } from '../../../redis/embedded.ts';
import type { RedisAddress } from './address.ts';
import { versionOf } from './dial.ts';
import type { RedisSource } from './redis-source.ts';

/** The simulated Redis behind a TCP port: always there, but no real server. */
export const embeddedSource: RedisSource = {
  kind: 'embedded',
  loses: 'any Redis at all',
  async open() {
    const server = await startEmbeddedRedis();
    const address: RedisAddress = { host: server.host, port: server.port, database: 0, tls: false };
    return {
      kind: 'embedded',
      version: await versionOf(address),
      address,
      owned: true,
      ail: (how, on) => server.ail(how, on),
      close: () => server.close(),
    };
  },
};
