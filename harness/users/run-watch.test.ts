import { describe, expect, it } from 'vitest';
import { RunWatch } from './run-watch.ts';

const ask = { run: 'run-1', thread: 't', request: 'why' };

describe('what a user has of a run', () => {
  it.each([
    [[], 0, false],
    [[1, 2, 3], 3, false],
    [[1, 3], 1, true],
    [[1, 3, 2], 3, false],
    [[1, 2, 2, 1], 2, false],
    [[3, 2], 0, true],
    [[4, 3, 1, 2], 4, false],
  ])('after events %j: all up to %i, a gap: %s', (sequences, contiguous, gap) => {
    const watch = new RunWatch(ask);
    for (const sequence of sequences) watch.saw(sequence);
    expect([watch.contiguous, watch.hasGap]).toEqual([contiguous, gap]);
  });

  it('goes on after what the server says is gone', () => {
    const watch = new RunWatch(ask);
    watch.saw(1);
    watch.saw(5);
    watch.lostBefore(4);
    expect([watch.contiguous, watch.hasGap]).toEqual([3, true]);
    watch.saw(4);
    expect([watch.contiguous, watch.hasGap]).toEqual([5, false]);
  });
});
