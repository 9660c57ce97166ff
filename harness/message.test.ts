import { describe, expect, it } from 'vitest';
import { MessageCounter, matches, seriesOf } from './message.ts';

const xadd = {
  wire: 'redis',
  direction: 'request',
  user: 'alice',
  run: 'run-1',
  kind: 'xadd.events',
} as const;

describe('names', () => {
  it('say wire, direction, user, run, kind and count', () => {
    expect(new MessageCounter().count(xadd).name).toBe('redis>alice/run-1/xadd.events#1');
  });

  it('hold a dash where there is no user or run', () => {
    expect(seriesOf({ wire: 'redis', direction: 'reply', kind: 'info' })).toBe('redis<-/-/info');
  });
});

describe('counts', () => {
  it('run within wire, direction, user, run and kind', () => {
    const counter = new MessageCounter();
    const counts = [
      counter.count(xadd),
      counter.count(xadd),
      counter.count({ ...xadd, run: 'run-2' }),
      counter.count({ ...xadd, direction: 'reply' }),
      counter.count({ ...xadd, user: 'bob' }),
      counter.count(xadd),
    ].map(({ count }) => count);
    expect(counts).toEqual([1, 2, 1, 1, 1, 3]);
  });
});

describe('patterns', () => {
  const message = { ...xadd, count: 2 };

  it('match anything that they leave out', () => {
    expect(matches({ wire: 'redis' }, message)).toBe(true);
    expect(matches({ ...message }, message)).toBe(true);
  });

  it.each([
    { wire: 'client' as const },
    { wire: 'redis' as const, direction: 'reply' as const },
    { wire: 'redis' as const, user: 'bob' },
    { wire: 'redis' as const, run: 'run-2' },
    { wire: 'redis' as const, kind: 'get.state' },
    { wire: 'redis' as const, count: 1 },
  ])('do not match where $wire $direction $user $run $kind $count differs', (pattern) => {
    expect(matches(pattern, message)).toBe(false);
  });
});
