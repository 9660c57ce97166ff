import { HarnessError } from '../../../errors.ts';

/** How to get to a Redis server. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly tls: boolean;
}

/** Reads `redis://` and `rediss://` URLs. The words of its errors never hold the credentials. */
export function addressOfUrl(text: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw bad('it is not a URL');
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw bad(`its protocol is ${url.protocol}`);
  if (url.hostname === '') throw bad('it names no host');
  const database = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : 0;
  if (!Number.isInteger(database) || database < 0) throw bad('its path is not the number of a database');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    database,
    tls: url.protocol === 'rediss:',
  };
}

function bad(why: string): HarnessError {
  return new HarnessError(
    'usage',
    `The Redis URL cannot be used: ${why}.`,
    'Write it as redis://[user:password@]host[:port][/database], or rediss:// for TLS.',
  );
}
