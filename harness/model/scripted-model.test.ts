import { describe, expect, it } from 'vitest';
import { agentNames } from '../../src/agents/agent.ts';
import { planAnswer, readCaller } from './scripted-model.ts';

const caller = { user: 'alice', run: 'run-1', agent: 'triage', n: 1 } as const;
const script = { sufficiency: 'partial', chunks: 4 } as const;

describe('the caller', () => {
  it('is in the header', () => {
    expect(readCaller('alice/run-1/data_helper/2')).toEqual({
      user: 'alice',
      run: 'run-1',
      agent: 'data_helper',
      n: 2,
    });
  });

  it.each([
    undefined,
    '',
    'alice/run-1/data',
    'alice/run-1/nobody/1',
    'a/b/data/0',
    'a b/c/data/1',
    'a/b/c/data/1',
  ])('is not in %j', (header) => {
    expect(readCaller(header)).toBeNull();
  });
});

describe('an answer', () => {
  it.each(agentNames)('for %s is an object with its proof, in as many pieces as the script says', (agent) => {
    const { chunks, proof } = planAnswer({ ...caller, agent }, script, 7, 'scripted');
    expect(chunks).toHaveLength(4);
    const answer = JSON.parse(textOf(chunks));
    expect(answer.proof).toBe(proof);
    expect(Object.keys(answer).length).toBeGreaterThan(3);
  });

  it('says what the script says of the data', () => {
    expect(JSON.parse(textOf(planAnswer(caller, script, 7, 'm').chunks)).data_sufficiency).toBe('partial');
  });

  it('ends with a finish reason and [DONE]', () => {
    const { chunks } = planAnswer(caller, script, 7, 'm');
    expect(chunks.at(-1)).toMatch(/"finish_reason":"stop"\}\]\}\n\ndata: \[DONE\]\n\n$/);
    expect(chunks.slice(0, -1).join('')).not.toContain('[DONE]');
  });

  it('is the same for the same seed and caller, and another for any other', () => {
    const proofs = [
      planAnswer(caller, script, 7, 'm'),
      planAnswer(caller, script, 8, 'm'),
      planAnswer({ ...caller, user: 'bob' }, script, 7, 'm'),
      planAnswer({ ...caller, run: 'run-2' }, script, 7, 'm'),
      planAnswer({ ...caller, agent: 'data' }, script, 7, 'm'),
      planAnswer({ ...caller, n: 2 }, script, 7, 'm'),
    ].map(({ proof }) => proof);
    expect(new Set(proofs).size).toBe(6);
    expect(planAnswer(caller, script, 7, 'm')).toEqual(planAnswer(caller, script, 7, 'm'));
  });

  it('in one piece is whole', () => {
    const { chunks } = planAnswer(caller, { ...script, chunks: 1 }, 7, 'm');
    expect(chunks).toHaveLength(1);
    expect(JSON.parse(textOf(chunks)).data_sufficiency).toBe('partial');
  });
});

function textOf(chunks: readonly string[]): string {
  return chunks
    .join('')
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)).choices[0].delta.content ?? '')
    .join('');
}
