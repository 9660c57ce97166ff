import { describe, expect, it } from 'vitest';
import { judgeContract } from '../../src/contracts/contracts.ts';
import { nothing, payloadOf, withLive } from './payload.ts';

describe('a payload', () => {
  it('is as large as was asked, as near as one result more or less allows', () => {
    for (const bytes of [1024, 20 * 1024, 1024 * 1024]) {
      const size = JSON.stringify(payloadOf(bytes, 1)).length;
      expect(size).toBeGreaterThan(bytes - 1500);
      expect(size).toBeLessThan(bytes + 1500);
    }
  });

  it('holds results on their contracts', () => {
    const { results } = payloadOf(20 * 1024, 1);
    expect(new Set(results.map(({ agent }) => agent)).size).toBe(4);
    for (const { agent, result } of results) expect(judgeContract(agent, result, []), agent).toEqual([]);
  });

  it('is the same for the same seed, and another for another', () => {
    const text = JSON.stringify(payloadOf(20 * 1024, 1));
    expect(JSON.stringify(payloadOf(20 * 1024, 1))).toBe(text);
    expect(JSON.stringify(payloadOf(20 * 1024, 2))).not.toBe(text);
  });

  it('with live values differs from its clean twin in those places only', () => {
    const clean = payloadOf(20 * 1024, 1);
    const live = withLive(clean, (place) => (place === 3 ? 5n : nothing));
    expect(live.results.filter((stored, place) => stored !== clean.results[place])).toHaveLength(1);
    expect(live.results[3]?.result).toEqual({
      ...clean.results[3]?.result,
      metadata: { ...(clean.results[3]?.result.metadata as object), context: 5n },
    });
  });
});
