import { expect, it } from 'vitest';
import { eventsOf } from '../../history.ts';
import { caseWith, cleanCase, twoVersionsCase } from '../conformance-cases.ts';
import type { WorldFor } from './describe-world.ts';
import { answersIn } from './readings.ts';

/** The pipeline crashes, is replaced by another version, and is told to stop. */
export function lives(worldFor: WorldFor): void {
  it('records a crash as one, and the service returns', async (context) => {
    const history = await worldFor(context).play(
      caseWith({
        request: 'crash, please',
        after: [{ do: 'ask', run: 'run-2', thread: 'thread-2', request: 'And now?' }],
      }),
      { defect: { module: new URL('../crashing.fixture.ts', import.meta.url).href, name: 'crashing' } },
    );
    expect(eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'crashed')).toMatchObject([
      { instance: 1 },
    ]);
    expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }, { instance: 2 }]);
    expect(answersIn(history)).toContain('alice/run-2');
  });

  it('replaces the pipeline by another version of it, on the same stores', async (context) => {
    const module = new URL('../versions.fixture.ts', import.meta.url).href;
    const history = await worldFor(context).play(twoVersionsCase(), { module });
    expect(
      history.events.flatMap((event) =>
        event.type === 'process-started' || event.type === 'process-exited'
          ? [`${event.type} ${event.process} ${event.instance}`]
          : [],
      ),
    ).toEqual([
      'process-started pipeline@older 1',
      'process-exited pipeline@older 1',
      'process-started pipeline 2',
      'process-exited pipeline 2',
    ]);
    expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-2']);
    const thoughts = eventsOf(history, 'seen').flatMap(({ frame }) => {
      const {
        type,
        run_id: run,
        payload,
      } = frame as {
        type: string;
        run_id?: string;
        payload?: { reasoning?: string; cached_from?: string };
      };
      if (type === 'agent_thinking' && payload?.reasoning === 'as the older version does') return [run];
      return payload?.cached_from === undefined ? [] : [`${run} has what ${payload.cached_from} found`];
    });
    expect([...new Set(thoughts)]).toEqual(['run-1', 'run-2 has what run-1 found']);
  });

  it('plays as before after a crash', async (context) => {
    const history = await worldFor(context).play(cleanCase());
    expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-2', 'bob/run-1']);
    expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }]);
  });

  it('stops when it is told to', async (context) => {
    const world = worldFor(context);
    const stop = new AbortController();
    stop.abort();
    await expect(world.play(cleanCase(), { signal: stop.signal })).rejects.toThrow();
    expect(answersIn(await world.play(cleanCase()))).toHaveLength(3);
  });
}
