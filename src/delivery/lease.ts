import type { Redis } from 'ioredis';
import { PipelineError } from '../errors.ts';
import type { Keys } from '../keys.ts';
import type { Clock } from '../ports.ts';

/**
 * Says in Redis that this gateway process lives, so that no other takes its live runs for abandoned. One key
 * for the process, renewed while it has runs; each run names its gateway. Who holds no lease any more may
 * still live: that it writes no more is seen to by the log, which takes each number once.
 */
export interface Lease {
  /** The name of this process, new with each start. */
  readonly gateway: string;
  /** Resolves when the lease stands. Rejects with STORE_UNAVAILABLE. */
  hold(): Promise<void>;
  /** Writes it anew, after a store that may have lost it. */
  renew(): void;
  /** Whether that gateway holds its lease. Rejects with STORE_UNAVAILABLE. */
  isHeldBy(gateway: string): Promise<boolean>;
  /** The process takes no more runs and has none. */
  release(): Promise<void>;
}

export function createLease(options: {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly gateway: string;
  readonly leaseMs: number;
  /** Whether the process has runs. */
  readonly isNeeded: () => boolean;
  readonly failed: (thrown: unknown) => void;
}): Lease {
  const { redis, keys, clock, gateway, leaseMs } = options;
  const key = keys.gateway(gateway);
  /** Written a short while ago: counted by a timer, since a clock may be set. */
  let isFresh = false;
  let wasHeld = false;
  let renewing: Promise<void> | null = null;
  let cancel = (): void => {};

  async function write(): Promise<void> {
    cancel();
    try {
      await redis.set(key, '1', 'PX', leaseMs);
      isFresh = true;
      wasHeld = true;
    } catch (cause) {
      throw new PipelineError('STORE_UNAVAILABLE', { cause });
    } finally {
      renewing = null;
      cancel = clock.after(leaseMs / 3, () => {
        isFresh = false;
        if (options.isNeeded()) renew();
      });
    }
  }

  function renew(): void {
    renewing ??= write();
    renewing.catch(options.failed);
  }

  return {
    gateway,
    hold: () => {
      if (isFresh) return Promise.resolve();
      renewing ??= write();
      return renewing;
    },
    renew: () => {
      isFresh = false;
      if (options.isNeeded()) renew();
    },
    isHeldBy: async (other) => {
      try {
        return (await redis.exists(keys.gateway(other))) === 1;
      } catch (cause) {
        throw new PipelineError('STORE_UNAVAILABLE', { cause });
      }
    },
    release: async () => {
      cancel();
      if (wasHeld && redis.status === 'ready') await redis.del(key).catch(options.failed);
    },
  };
}
