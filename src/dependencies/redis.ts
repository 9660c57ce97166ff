import type { Store } from '../delivery/store.ts';
import { PipelineError } from '../errors.ts';
import type { RedisPort } from '../ports.ts';
import type { Dependency } from './dependency.ts';

/** How long what was written for a try may lie there, should the process die over it. */
const probeMs = 1_000;

/** Redis takes a value and gives it back: one that is there may be a replica, full, or somebody else's. */
export function redisDependency(port: RedisPort, store: Store, probeKey: string): Dependency {
  return {
    name: 'redis',
    setting: 'REDIS_URL',
    purpose: 'keeps the events and the state of runs',
    given: port,
    code: 'STORE_UNAVAILABLE',
    async check() {
      await store.start();
      try {
        const { redis } = store;
        const told = redis.pipeline().set(probeKey, 'probe', 'PX', probeMs).get(probeKey).del(probeKey);
        const replies = (await told.exec()) ?? [];
        for (const [error] of replies) if (error !== null) throw error;
        if (replies[1]?.[1] !== 'probe') throw new Error('what was written cannot be read');
      } catch (cause) {
        throw new PipelineError('STORE_UNAVAILABLE', {
          detail: `it answers, but takes no writes: ${wordOf(cause)}`,
          cause,
        });
      }
    },
  };
}

/** The word by which Redis names an error (READONLY, OOM). */
function wordOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : '';
  return /^[A-Z]{3,}\b/.exec(message)?.[0] ?? 'no reply';
}
