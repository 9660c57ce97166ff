import { afterAll, expect, it } from 'vitest';
import type { Case } from '../../harness/case.ts';
import { eventsOf } from '../../harness/history.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { createSimulatedPool } from '../../harness/worlds/simulated/pool.ts';

const pool = createSimulatedPool({ threads: 1 });
afterAll(() => pool.close());

it('tells who is connected how the run ended where Redis loses the end that was just written', async () => {
  const history = await pool.play(endIsLost);
  const told = eventsOf(history, 'seen').flatMap(({ frame }) => {
    const { type, code, run_id } = frame as { type: string; code?: string; run_id?: string };
    return run_id !== undefined && (type === 'events_lost' || type === 'error') ? [code ?? type] : [];
  });
  expect(told).toEqual(['events_lost', 'STORE_UNAVAILABLE']);
  expect(everyAcceptedRunEnds.check(history).verdict).toEqual({ is: 'holds' });
  expect(everyRefusalIsExplained.check(history).verdict).toEqual({ is: 'holds' });
});

/**
 * Redis is away for longer than a command may take, so that the run fails; it is back, and dies again, now without
 * what it held, as the run's end lies in it and was sent to nobody.
 */
const endIsLost: Case = {
  schema: 'faultline.case/1',
  scenario: '377/storm',
  seed: 1_628_431_694,
  users: [
    {
      id: 'alice',
      arrivesAtMs: 0,
      confirms: 'all',
      actions: [
        { do: 'connect' },
        { do: 'ask', run: 'run-1', thread: 'thread-1', request: 'Why did my costs rise?' },
      ],
    },
  ],
  model: [{ user: 'alice', run: 'run-1', sufficiency: 'sufficient', chunks: 1 }],
  faults: [],
  process: [
    { at: appended(8), fate: { do: 'kill-redis', backAfterMs: 0, data: 'lost' } },
    { at: appended(7), fate: { do: 'kill-redis', backAfterMs: 1_560, data: 'kept' } },
  ],
  contaminations: [],
  schedule: [],
};

function appended(count: number): NonNullable<Case['process']>[number]['at'] {
  return { wire: 'redis', direction: 'reply', user: 'alice', run: 'run-1', kind: 'xadd.events', count };
}
