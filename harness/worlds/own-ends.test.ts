import { expect, it } from 'vitest';
import { OwnEnds } from './own-ends.ts';

type Cause = Parameters<OwnEnds['count']>[0];

function after(...causes: readonly Cause[]): boolean {
  const ends = new OwnEnds();
  for (const cause of causes) ends.count(cause);
  return ends.areTooMany;
}

it('stays down after ten ends of its own, and after two refusals in a row', () => {
  const crashes = Array.from({ length: 9 }, (): Cause => 'crashed');
  expect(after(...crashes)).toBe(false);
  expect(after(...crashes, 'crashed')).toBe(true);
  expect(after(...crashes, 'refused')).toBe(true);
  expect(after('refused', 'crashed', 'refused')).toBe(false);
  expect(after('refused', 'refused')).toBe(true);
});

it('comes back however often it is killed', () => {
  const kills = Array.from({ length: 20 }, (): Cause => 'killed');
  expect(after(...kills)).toBe(false);
  expect(after(...kills, 'crashed', ...kills)).toBe(false);
  expect(after('refused', 'killed', 'refused')).toBe(false);
});
