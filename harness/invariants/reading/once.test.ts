import { expect, it } from 'vitest';
import { type History, historySchemaId } from '../../history.ts';
import { forgetReadings, once } from './once.ts';

const history = (): History => ({ schema: historySchemaId, events: [] });

it('reads each history once, also where there is nothing to be read, until the reading is to be forgotten', () => {
  const read: History[] = [];
  const count = once((history) => read.push(history));
  const nothing = once((history) => void read.push(history));
  const [first, second] = [history(), history()];
  expect([count(first), count(second), count(first), nothing(first), nothing(first)]).toEqual([
    1,
    2,
    1,
    undefined,
    undefined,
  ]);
  expect(read).toHaveLength(3);
  forgetReadings(first);
  expect([count(second), count(first)]).toEqual([2, 4]);
});
