import { expect, it } from 'vitest';
import type { Case } from './case.ts';
import { aloneIn } from './twins.ts';

it('a twin with one user alone keeps what is done to that user, and nothing that takes others', () => {
  const user = (id: string): Case['users'][number] => ({
    id,
    arrivesAtMs: 0,
    confirms: 'all',
    actions: [{ do: 'connect' }, { do: 'ask', run: 'run-1', thread: 'thread-1', request: 'Why?' }],
  });
  const of = (id: string) => ({ wire: 'agent', user: id, run: 'run-1', kind: 'data', count: 1 }) as const;
  const script = (id: string) => ({ user: id, run: 'run-1', sufficiency: 'sufficient', chunks: 1 }) as const;
  const throws = { do: 'fail', error: 'AgentCrashed' } as const;
  const both: Case = {
    schema: 'faultline.case/1',
    scenario: 'test/any',
    seed: 7,
    limits: { messageBurst: 40 },
    users: [user('alice'), user('bob')],
    model: [script('alice'), script('bob')],
    faults: [
      { at: of('alice'), fate: throws },
      { at: of('bob'), fate: throws },
      { at: { wire: 'redis', kind: 'info' }, fate: { do: 'delay', ms: 5 } },
    ],
    process: [{ at: of('bob'), fate: { do: 'kill-gateway', backAfterMs: 0 } }],
    contaminations: [{ at: of('bob'), path: ['insights'], recipe: 'function' }],
    schedule: [
      { hold: of('alice'), until: of('bob'), atMostMs: 10 },
      { hold: of('alice'), until: { wire: 'model', user: 'alice' }, atMostMs: 10 },
    ],
  };
  expect(aloneIn(both, 'alice')).toEqual({
    schema: 'faultline.case/1',
    scenario: 'test/any',
    seed: 7,
    limits: { messageBurst: 40 },
    users: [user('alice')],
    model: [script('alice')],
    faults: [{ at: of('alice'), fate: throws }],
    contaminations: [],
    schedule: [{ hold: of('alice'), until: { wire: 'model', user: 'alice' }, atMostMs: 10 }],
  });
});
