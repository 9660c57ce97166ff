import { describe, expect, it } from 'vitest';
import { addressOfUrl } from './address.ts';

describe('the address in a Redis URL', () => {
  it('has host, port, credentials, database and TLS', () => {
    expect(addressOfUrl('rediss://us%40er:p%3Aw@[::1]:7000/3')).toEqual({
      host: '::1',
      port: 7000,
      username: 'us@er',
      password: 'p:w',
      database: 3,
      tls: true,
    });
    expect(addressOfUrl('redis://cache')).toEqual({ host: 'cache', port: 6379, database: 0, tls: false });
  });

  it.each(['http://cache', 'redis:///1', 'redis://cache/x', 'cache:6379 secret'])('refuses %s', (url) => {
    expect(() => addressOfUrl(url)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('never repeats what stands in the URL', () => {
    const problem = (): unknown => {
      try {
        return addressOfUrl('http://user:hunter2@cache');
      } catch (thrown) {
        return String(thrown);
      }
    };
    expect(problem()).not.toContain('hunter2');
  });
});
