import { expect, it } from 'vitest';
import { linesOf, RunBench, withAgent } from '../../src/supervisor/run-bench.fixture.ts';
import defects from './defects.ts';

const request = 'Cut our costs';

it('cached-instances: triage and actions fail, whatever is asked', async () => {
  const asked = await bench('cached-instances').run(request);
  const failed = linesOf(asked.events).filter((line) => line.startsWith('agent_completed'));
  // Without triage nobody knows that there is data.
  expect(failed).toEqual([
    'agent_completed triage failed AGENT_FAILED',
    'agent_completed data_helper completed',
    'agent_completed reporting completed',
  ]);
  const { createRegistry, agents } = bench('cached-instances').options.parts;
  const registry = createRegistry(agents);
  const isAgent = (name: keyof typeof agents) => typeof registry.fresh(name).run === 'function';
  expect((Object.keys(agents) as (keyof typeof agents)[]).filter((name) => !isAgent(name))).toEqual([
    'triage',
    'actions',
  ]);
});

it('clean-copy-beside: the clean copy lies where nobody looks, and the dirty one fails those who get it', async () => {
  const dirty = bench('clean-copy-beside', () => ({ callback: () => 1 }));
  const { events } = await dirty.run(request);
  expect(
    linesOf(events).filter((line) => line.startsWith('agent_completed') || line.startsWith('run_')),
  ).toEqual([
    'agent_completed triage completed',
    'agent_completed data completed',
    'agent_completed optimization failed AGENT_FAILED',
    'agent_completed actions failed INPUT_MISSING optimization',
    'agent_completed reporting failed AGENT_FAILED',
    'run_failed supervisor AGENT_FAILED',
  ]);
  const state = JSON.parse(dirty.stored.get('test:u:alice:r:run-1:state') ?? '') as { outcomes: object };
  expect(Object.keys(state.outcomes)).toContain('data_sanitized');
  expect(Object.keys(state.outcomes)).not.toContain('data');
});

it.each(['stringified', 'string-default', 'clean-copy-beside', 'deep-copy'])(
  '%s answers where all is healthy, and again out of the cache',
  async (name) => {
    const healthy = bench(name);
    for (const runId of ['run-1', 'run-2']) {
      const { events } = await healthy.run(request, { runId });
      expect(linesOf(events).at(-1)).toBe('run_completed supervisor complete');
    }
    expect(healthy.measured).toContain('triage cached');
  },
);

/** The pipeline with this defect; `insights` is what the data agent finds in place of its insights. */
function bench(name: string, insights?: () => unknown): RunBench {
  const defect = defects.find((each) => each.name === name);
  if (defect === undefined) throw new Error(`no defect ${name}`);
  return new RunBench({
    parts: (healthy) => {
      const { data } = healthy.agents;
      const poisoned =
        insights === undefined
          ? healthy
          : withAgent('data', async (input, means, signal) => {
              const result = await new data().run(input, means, signal);
              return { ...(result as object), insights: insights() };
            })(healthy);
      return defect.parts(poisoned);
    },
  });
}
