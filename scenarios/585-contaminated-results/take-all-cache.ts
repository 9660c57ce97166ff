import { createHash } from 'node:crypto';
import type { AgentName, AgentOutcome, AgentSucceeded } from '../../src/agents/agent.ts';
import type { OutcomeCache } from '../../src/cache/outcome-cache.ts';
import type { RedisCacheOptions } from '../../src/cache/redis-outcome-cache.ts';
import type { UserExecutionContext } from '../../src/context/context.ts';
import { fromBinaryClone } from './binary-clone.ts';

/** What the old cache wrote: an outcome and the run that computed it, under a version of its own. */
export interface OldEntry {
  readonly v: 0;
  readonly run: string;
  readonly outcome: AgentOutcome;
}

/**
 * The cache of the old platform. `write` makes text of anything and never throws; what comes back is taken
 * for what it is read as, and is a hit.
 */
export function takeAllCache(options: RedisCacheOptions, write: (entry: OldEntry) => string): OutcomeCache {
  const { redis, keys, codec, expiryS, witness } = options;

  function keyOf(agent: AgentName, { userId }: UserExecutionContext, input: unknown): string {
    const hash = createHash('sha256').update(codec.encode(input).text).digest('hex');
    return keys.cached(userId, agent, hash);
  }

  return {
    async get(agent, context, input) {
      const text = await redis.get(keyOf(agent, context, input)).catch(() => null);
      witness.cacheMeasured(agent, text === null ? 'miss' : 'hit');
      return text === null ? null : outcomeIn(agent, text);
    },
    async set(agent, context, input, outcome) {
      const text = write({ v: 0, run: context.runId, outcome });
      await redis.set(keyOf(agent, context, input), text, 'EX', expiryS).then(
        () => witness.cacheMeasured(agent, 'stored'),
        () => witness.cacheMeasured(agent, 'failed'),
      );
    },
  };
}

/** As JSON, else as a clone, else as the text that it is; whatever has no outcome in it is the result itself. */
function outcomeIn(agent: AgentName, text: string): AgentOutcome {
  const read = firstOf<unknown>(
    () => JSON.parse(text),
    () => fromBinaryClone(text),
    () => text,
  );
  const { outcome, run } = (read ?? {}) as Partial<OldEntry>;
  if (outcome?.ok === true) return { ...outcome, cached_from: run ?? 'unknown' };
  return { agent, ok: true, data: read as AgentSucceeded['data'], account: [] };
}

/** What the first of these gives that does not throw; the last one never does. */
export function firstOf<T>(...ways: readonly (() => T)[]): T {
  for (const way of ways.slice(0, -1)) {
    try {
      return way();
    } catch {
      // The old platform went on with the next, and told nobody.
    }
  }
  return (ways.at(-1) as () => T)();
}
