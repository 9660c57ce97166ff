import * as nodePath from 'node:path';

/** What a mild contamination leaves in a result: things that pass by unnoticed. */
export const mild: readonly (() => unknown)[] = [
  () => new Date(0),
  () => undefined,
  () => Number.NaN,
  () => new Map([['attempt', 1]]),
  () => new Retry(),
  () => () => 1,
];

/** What makes other codecs throw, or runs somebody else's code in them. */
export const hostile: readonly (() => unknown)[] = [
  () => ({
    get total(): never {
      throw new Error('the session is closed');
    },
  }),
  () => new Proxy({ a: 1 }, { ownKeys: refuse, get: refuse }),
  () => ({ toJSON: refuse }),
  () => nodePath,
  () => 9_007_199_254_740_993n,
  () => {
    const link: Record<string, unknown> = { id: 'link-1' };
    link.back = link;
    return link;
  },
];

class Retry {
  readonly attempt = 2;
  readonly delayMs = 100;
}

function refuse(): never {
  throw new Error('do not touch');
}
