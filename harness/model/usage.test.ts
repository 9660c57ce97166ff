import { expect, it } from 'vitest';
import { createUsage, usageOf } from './usage.ts';

const query = { userId: 'alice', runId: 'run-1' };

it('gives each run 5 to 12 records, oldest first, with ids of its own', () => {
  const all = ['run-1', 'run-2', 'run-3'].map((runId) => usageOf(1, { userId: 'alice', runId }));
  for (const records of all) {
    expect(records.length).toBeGreaterThanOrEqual(5);
    expect(records.length).toBeLessThanOrEqual(12);
    expect(records.map(({ at }) => at)).toEqual(records.map(({ at }) => at).sort());
    expect(records.every(({ at }) => /^2025-09-\d\dT[\d:.]+Z$/.test(at))).toBe(true);
  }
  const ids = all.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('is the same for the same seed, user and run', async () => {
  expect(await createUsage(1).fetch(query, new AbortController().signal)).toEqual(usageOf(1, query));
  expect(usageOf(2, query)[0]?.id).not.toBe(usageOf(1, query)[0]?.id);
});

it('rejects once it was called off', async () => {
  await expect(createUsage(1).fetch(query, AbortSignal.abort())).rejects.toThrow();
});
