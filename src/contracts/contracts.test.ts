import { describe, expect, it } from 'vitest';
import { judgeContract, pathText } from './contracts.ts';

const optimization = {
  optimization_type: 'model_selection',
  recommendations: ['a', 'b'],
  confidence_score: 0.8,
  metadata: { tool_calls: [] as string[] },
};

describe('a result', () => {
  it('on contract breaks nothing', () => {
    expect(judgeContract('optimization', optimization, [])).toEqual([]);
  });

  it('with a key too many, one too few and a wrong type is off at each of those places', () => {
    const { confidence_score: _, ...rest } = optimization;
    const off = { ...rest, recommendations: ['a', 5], extra: 1, metadata: { tool_calls: [], also: 1 } };
    expect(judgeContract('optimization', off, []).map(pathText).sort()).toEqual([
      'confidence_score',
      'extra',
      'metadata.also',
      'recommendations.1',
    ]);
  });

  it('that is no object at all is off at the root', () => {
    expect(judgeContract('triage', null, []).map(pathText)).toEqual(['(root)']);
  });
});

describe('what encoding altered', () => {
  it('breaks nothing: missing, changed and below', () => {
    const { confidence_score: _, ...rest } = optimization;
    const account = [
      { path: ['confidence_score'], kind: 'lost', reason: 'function' },
      { path: ['recommendations', 1], kind: 'lost', reason: 'function' },
      { path: ['metadata'], kind: 'changed', reason: 'instance of Context' },
    ] as const;
    const altered = { ...rest, recommendations: ['a', null], metadata: { session: { id: 's' } } };
    expect(judgeContract('optimization', altered, account)).toEqual([]);
  });

  it('excuses nothing beside it', () => {
    const account = [{ path: ['recommendations', 1], kind: 'lost', reason: 'function' }] as const;
    const off = { ...optimization, recommendations: ['a', null, 7] };
    expect(judgeContract('optimization', off, account).map(pathText)).toEqual(['recommendations.2']);
  });

  it('excuses the whole in which it lies, where the contract does not know the place', () => {
    const below = [{ path: ['confidence_score', 'back'], kind: 'refused', reason: 'cycle' }] as const;
    expect(judgeContract('optimization', { ...optimization, confidence_score: { id: 'x' } }, below)).toEqual(
      [],
    );
    const beside = [
      { path: ['metadata', 'session'], kind: 'changed', reason: 'instance of Session' },
    ] as const;
    const foreign = { user_id: 'u', session: { id: 's' } };
    expect(judgeContract('optimization', { ...optimization, metadata: foreign }, beside)).toEqual([]);
    expect(
      judgeContract('optimization', { ...optimization, metadata: foreign, optimization_type: 5 }, beside).map(
        pathText,
      ),
    ).toEqual(['optimization_type']);
  });
});
