import type { RedisOptions } from 'ioredis';

/** `redis://user:password@host:6379/0` (or `rediss://` for TLS) as options; null where it is no such address. */
export function redisAddress(address: string): RedisOptions | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return null;
  const db = url.pathname.replace(/^\//, '');
  if (!/^\d*$/.test(db)) return null;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === null || password === null) return null;
  return {
    host: url.hostname === '' ? '127.0.0.1' : url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(db),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** Null where a percent sign stands for itself, as in a password that was not encoded. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
