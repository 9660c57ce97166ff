import { afterAll, expect, it } from 'vitest';
import type { Case } from '../../harness/case.ts';
import { eventsOf } from '../../harness/history.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { createSimulatedPool } from '../../harness/worlds/simulated/pool.ts';

const pool = createSimulatedPool({ threads: 1 });
afterAll(() => pool.close());

const defect = { module: new URL('./defects.ts', import.meta.url).href, name: 'deep-copy' };

it('data fails: under the deep copy exactly optimization and reporting fail with it, and the user has no answer', async () => {
  const history = await pool.play(dataFails, { defect });
  const ends = eventsOf(history, 'seen').flatMap(({ frame }) => {
    const { type, agent_name, payload } = frame as {
      type: string;
      agent_name?: string;
      payload?: { status?: string; code?: string };
    };
    if (type === 'run_failed') return [`run ${payload?.code}`];
    return type === 'agent_completed' ? [`${agent_name} ${payload?.code ?? payload?.status}`] : [];
  });
  expect(ends).toEqual([
    'triage completed',
    // Its own failure, which the engine then made a result of.
    'data AGENT_FAILED',
    'optimization AGENT_FAILED',
    // Not run: it waits for optimization.
    'actions INPUT_MISSING',
    'reporting AGENT_FAILED',
    'run AGENT_FAILED',
  ]);
  expect(everyRefusalIsExplained.check(history).verdict).toMatchObject({
    is: 'broken',
    violations: [
      { why: "alice's run-1 failed (AGENT_FAILED: optimization, reporting), and no fault explains it" },
    ],
  });
});

const dataFails: Case = {
  schema: 'faultline.case/1',
  scenario: '585/failed-agent',
  seed: 1,
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
  faults: [
    {
      at: { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
      fate: { do: 'fail', error: 'AgentCrashed' },
    },
  ],
  contaminations: [],
  schedule: [],
};
