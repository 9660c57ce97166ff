import { expect, it } from 'vitest';
import { type History, Recorder } from '../../history.ts';
import { firstDifference } from './determinism.ts';

function historyOf(...gateways: string[]): History {
  const recorder = new Recorder(() => 0);
  for (const actor of gateways) recorder.record({ type: 'passed', actor });
  return recorder.history();
}

it('names the first event at which two histories part', () => {
  expect(firstDifference(historyOf('a', 'b'), historyOf('a', 'b'))).toBeNull();
  expect(firstDifference(historyOf('a', 'b', 'c'), historyOf('a', 'x', 'c'))).toMatchObject({
    at: 2,
    first: { actor: 'b' },
    second: { actor: 'x' },
  });
  expect(firstDifference(historyOf('a'), historyOf('a', 'b'))).toMatchObject({
    at: 2,
    first: null,
    second: { actor: 'b' },
  });
});
