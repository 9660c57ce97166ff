import type { UsageQuery, UsageRecord, UsageSource } from '../../src/ports.ts';
import { hash32, rollFor, tokenFor } from '../dice.ts';

/** What a user's own application did with models: 5 to 12 calls that belong to this user and run alone. */
export function usageOf(seed: number, query: UsageQuery): UsageRecord[] {
  const name = `usage/${query.userId}/${query.runId}`;
  const count = 5 + (hash32(seed, name) % 8);
  const records: UsageRecord[] = [];
  let at = firstAt;
  for (let i = 0; i < count; i++) {
    const roll = hash32(seed, `${name}/${i}`);
    const kind = kinds[roll % kinds.length] ?? usualKind;
    at += 60_000 + (roll % 600_000);
    records.push({
      id: `use_${tokenFor(seed, `${name}/${i}/id`)}`,
      at: new Date(at).toISOString(),
      model: kind.model,
      latencyMs: Math.round(kind.latencyMs * (0.5 + rollFor(seed, `${name}/${i}/latency`))),
      promptTokens: 100 + ((roll >>> 4) % 3_000),
      completionTokens: 20 + ((roll >>> 16) % 800),
    });
  }
  return records;
}

/** The usage source of a play. Rejects once `signal` was aborted. */
export function createUsage(seed: number): UsageSource {
  return {
    fetch: async (query, signal) => {
      signal.throwIfAborted();
      return usageOf(seed, query);
    },
  };
}

interface Kind {
  readonly model: string;
  readonly latencyMs: number;
}

const usualKind: Kind = { model: 'gpt-4o', latencyMs: 800 };
const kinds: readonly Kind[] = [
  usualKind,
  { model: 'gpt-4o-mini', latencyMs: 450 },
  { model: 'gpt-4.1', latencyMs: 900 },
  { model: 'gpt-4.1-mini', latencyMs: 400 },
  { model: 'o4-mini', latencyMs: 2_500 },
  { model: 'claude-sonnet-4', latencyMs: 1_100 },
];

/** 2025-09-01T00:00:00Z: records lie in the past of every play. */
const firstAt = 1_756_684_800_000;
