import { expect, it } from 'vitest';
import type { AgentMeans } from '../agents/agent.ts';
import { cleanJsonCodec } from '../codec/clean-json.ts';
import { createRunLedger } from '../execution/run-ledger.ts';
import { heldMeans } from './held-means.ts';

it('holds what an agent shows until that is durable, and stops one that shows more than a run may hold', async () => {
  const waiting: (() => void)[] = [];
  const { means, stopped } = held(() => new Promise((resolve) => waiting.push(resolve)));
  for (let each = 0; each < 3; each++) void means.emit.thinking('x'.repeat(2_500));
  for (const durable of waiting.splice(0)) durable();
  await new Promise((resolve) => setImmediate(resolve));
  for (let each = 0; each < 3; each++) void means.emit.thinking('x'.repeat(2_500));
  expect(stopped).toEqual([]);
  // Let go of: what the agent makes of it is its own affair.
  void means.emit.thinking('x'.repeat(2_500));
  expect(stopped).toEqual(['RUN_MEMORY_LIMIT']);
  await expect(means.emit.thinking('more')).rejects.toMatchObject({ code: 'RUN_MEMORY_LIMIT' });
  expect(waiting).toHaveLength(3);
});

it('goes on counting where an agent shows what is no text', () => {
  const { means, stopped } = held(() => new Promise(() => {}));
  void means.emit.thinking(42 as unknown as string);
  void means.emit.thinking('x'.repeat(10_000));
  expect(stopped).toEqual(['RUN_MEMORY_LIMIT']);
});

/** Means of an agent whose run may hold 10,000 bytes, and the codes by which it was stopped. */
function held(thinking: AgentMeans['emit']['thinking']): { means: AgentMeans; stopped: string[] } {
  const given: AgentMeans = {
    emit: { thinking },
    model: { complete: () => Promise.reject(new Error('nobody asks it')) },
    tools: { call: () => Promise.reject(new Error('nobody calls one')) },
  };
  const stopped: string[] = [];
  const ledger = createRunLedger({ mostBytes: 10_000, exceeded: ({ code }) => stopped.push(code) });
  return { means: heldMeans(given, ledger, cleanJsonCodec, []), stopped };
}
