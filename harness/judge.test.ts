import { describe, expect, it } from 'vitest';
import type { Finding, Invariant } from './invariant.ts';
import { historyOf } from './invariants/hand-history.ts';
import { judge, summarise } from './judge.ts';

const holds: Finding = { verdict: { is: 'holds' }, checked: 2, coverage: 'exercised' };
const idle: Finding = {
  verdict: { is: 'unsure', why: 'nothing to judge' },
  checked: 0,
  coverage: 'not exercised',
};
const unsure: Finding = { verdict: { is: 'unsure', why: 'out of time' }, checked: 1, coverage: 'exercised' };
const broken = (place: string): Finding => ({
  verdict: { is: 'broken', violations: [{ why: place, shownBy: [1], place }] },
  checked: 1,
  coverage: 'exercised',
});

function invariant(check: Invariant['check'], needsTwin = false): Invariant {
  return { name: 'it-is-so', promise: 'delivery', says: 'It is so.', needsTwin, check };
}

describe('the judge', () => {
  const history = historyOf([]);

  it('gives what each invariant finds, by name', () => {
    expect(judge(history, [invariant(() => holds)])).toEqual([{ invariant: 'it-is-so', finding: holds }]);
  });

  it('takes an invariant that throws for unsure, never for held', () => {
    const throwing = invariant(() => {
      throw new RangeError('a private detail');
    });
    const [judged] = judge(history, [throwing]);
    expect(judged?.finding).toEqual({
      verdict: { is: 'unsure', why: 'the invariant itself failed (RangeError)' },
      checked: 0,
      coverage: 'exercised',
    });
    expect(summarise([holds, ...(judged === undefined ? [] : [judged.finding])]).verdict.is).toBe('unsure');
  });

  it('skips an invariant that needs a twin where there is none, and hands it over where there is', () => {
    const comparing = invariant((_, twin) => (twin === history ? holds : idle), true);
    expect(judge(history, [comparing])[0]?.finding).toMatchObject({ coverage: 'skipped', checked: 0 });
    expect(judge(history, [comparing], history)[0]?.finding).toBe(holds);
  });
});

describe('the sum of findings', () => {
  it('is the worst of those in which there was something to judge', () => {
    expect(summarise([holds, idle]).verdict.is).toBe('holds');
    expect(summarise([holds, unsure, idle]).verdict).toEqual(unsure.verdict);
    expect(summarise([unsure, broken('a'), holds]).verdict.is).toBe('broken');
    expect(summarise([holds, holds, idle])).toMatchObject({ checked: 4, coverage: 'exercised' });
  });

  it('is unsure where there was nothing', () => {
    expect(summarise([])).toMatchObject({ verdict: { is: 'unsure' }, coverage: 'not exercised' });
    expect(summarise([idle, idle])).toEqual(idle);
  });

  it('keeps the first violation at each place, and not more places than a report can use', () => {
    const many = Array.from({ length: 300 }, (_, index) => broken(`place ${index % 150}`));
    const { verdict } = summarise(many);
    expect(verdict.is === 'broken' && verdict.violations.length).toBe(100);
  });

  it('may be taken one by one', () => {
    const all = [idle, holds, broken('a'), unsure, broken('b'), broken('a')];
    const oneByOne = all.reduce((sum, finding) => summarise([sum, finding]));
    expect(oneByOne).toEqual(summarise(all));
  });
});
