import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { AgentName, AgentOutcome } from '../agents/agent.ts';
import { outcomeText } from '../agents/outcome-text.ts';
import { isAccount } from '../codec/account.ts';
import type { Codec } from '../codec/codec.ts';
import type { UserExecutionContext } from '../context/context.ts';
import { judgeContract } from '../contracts/contracts.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { Keys } from '../keys.ts';
import type { RunWitness } from '../supervisor/run-means.ts';
import type { OutcomeCache } from './outcome-cache.ts';

export interface RedisCacheOptions {
  readonly redis: Pick<Redis, 'get' | 'set'>;
  readonly keys: Keys;
  readonly codec: Codec;
  readonly expiryS: number;
  readonly witness: Pick<RunWitness, 'cacheMeasured' | 'failed'>;
}

/**
 * Outcomes by user, agent and a hash of the agent's input. An entry is read as exactly what this version
 * writes, or refused: what an older version left is never taken for data.
 */
export function createRedisOutcomeCache(options: RedisCacheOptions): OutcomeCache {
  const { redis, keys, codec, witness } = options;
  // The same input is looked up and, a moment later, stored.
  const hashes = new WeakMap<object, string>();

  function keyOf(agent: AgentName, { userId }: UserExecutionContext, input: unknown): string {
    const known = typeof input === 'object' && input !== null ? hashes.get(input) : undefined;
    const hashed = known ?? hash('sha256', codec.encode(input).text);
    if (typeof input === 'object' && input !== null) hashes.set(input, hashed);
    return keys.cached(userId, agent, hashed);
  }

  function failed(agent: AgentName, { userId, runId, correlationId }: UserExecutionContext, thrown: unknown) {
    witness.cacheMeasured(agent, 'failed');
    witness.failed({ userId, runId, correlationId, where: 'cache', code: 'STORE_UNAVAILABLE', thrown });
  }

  return {
    async get(agent, context, input) {
      let text: string | null;
      try {
        text = await redis.get(keyOf(agent, context, input));
      } catch (thrown) {
        failed(agent, context, thrown);
        return null;
      }
      if (text === null) {
        witness.cacheMeasured(agent, 'miss');
        return null;
      }
      const outcome = outcomeIn(text, agent, codec);
      witness.cacheMeasured(agent, outcome === null ? 'refused' : 'hit');
      return outcome;
    },

    async set(agent, context, input, outcome) {
      try {
        const run = JSON.stringify(context.runId);
        const form = JSON.stringify(codec.name);
        const text = `{"v":2,"codec":${form},"run":${run},"outcome":${outcomeText(codec, outcome)}}`;
        await redis.set(keyOf(agent, context, input), text, 'EX', options.expiryS);
        witness.cacheMeasured(agent, 'stored');
      } catch (thrown) {
        failed(agent, context, thrown);
      }
    },
  };
}

/** The outcome that an entry holds; null for an entry that is not what this version writes. */
function outcomeIn(text: string, agent: AgentName, codec: Codec): AgentOutcome | null {
  let entry: Json;
  try {
    entry = codec.decode(text);
  } catch {
    return null;
  }
  if (!isJsonObject(entry) || !hasKeys(entry, ['v', 'codec', 'run', 'outcome'])) return null;
  const { v, run, outcome } = entry;
  // What another codec wrote may look like ours, and lack what that one did not tell of.
  if (v !== 2 || entry.codec !== codec.name || typeof run !== 'string' || !isJsonObject(outcome)) return null;
  if (!hasKeys(outcome, ['agent', 'ok', 'data', 'account'])) return null;
  const { data, account } = outcome;
  if (outcome.agent !== agent || outcome.ok !== true || data === undefined || !isAccount(account))
    return null;
  if (judgeContract(agent, data, account).length > 0) return null;
  return { agent, ok: true, data, account, cached_from: run };
}

function hasKeys(object: object, keys: readonly string[]): boolean {
  return Object.keys(object).length === keys.length && keys.every((key) => Object.hasOwn(object, key));
}
