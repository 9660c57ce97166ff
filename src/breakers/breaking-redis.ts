import { type Redis, ReplyError } from 'ioredis';
import type { Blame, Circuits, CircuitsOptions } from './circuits.ts';

/**
 * Redis where it is only a help: what runs could do without does not wait for a server that is away, over and
 * over. What runs cannot do without, such as their events, waits as long as it takes.
 */
export function breakingRedis(redis: Redis, circuits: Circuits): Pick<Redis, 'get' | 'set'> {
  const behind = <A extends unknown[], R>(command: (...given: A) => Promise<R>) => {
    return (...given: A): Promise<R> => circuits.execute(nobody, () => command.apply(redis, given));
  };
  return { get: behind(redis.get), set: behind(redis.set as never) } as Pick<Redis, 'get' | 'set'>;
}

/** So many failures in a row, for whatever run, and the help is done without for a while. */
export const redisCircuits = {
  name: 'redis',
  code: 'STORE_UNAVAILABLE',
  blame,
  failures: 5,
  halfOpenAfterMs: 1_000,
} as const satisfies Omit<CircuitsOptions, 'clock'>;

/** No user can bring about that the server does not answer, or takes no writes. */
const nobody = '';

function blame(thrown: unknown): Blame {
  if (!(thrown instanceof ReplyError)) return 'everybody';
  return /^(LOADING|READONLY|OOM|MASTERDOWN|CLUSTERDOWN|MISCONF)\b/.test((thrown as Error).message)
    ? 'everybody'
    : 'nobody';
}
