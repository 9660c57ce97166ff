import { addressOfUrl } from './address.ts';
import { RedisDialError, versionOf } from './dial.ts';
import { type RedisSource, Unavailable } from './redis-source.ts';

/** A server that somebody else runs: used under an own key prefix, never reconfigured, emptied or stopped. */
export function urlSource(url: string): RedisSource {
  return {
    kind: 'url',
    loses: 'the server that was asked for',
    async open() {
      const address = addressOfUrl(url);
      const place = `${address.host}:${address.port}`;
      try {
        return {
          kind: 'url',
          version: await versionOf(address),
          address,
          owned: false,
          close: async () => {},
        };
      } catch (thrown) {
        const code = thrown instanceof RedisDialError ? thrown.code : 'unknown';
        throw new Unavailable(
          `the Redis at ${place} cannot be used (${code})`,
          ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(code)
            ? 'put its user and password into the URL'
            : 'check host, port and whether the server runs',
          thrown,
        );
      }
    },
  };
}
