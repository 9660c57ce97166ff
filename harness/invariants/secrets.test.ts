import { expect, it } from 'vitest';
import type { EventDraft } from '../history.ts';
import { caseOf, historyOf } from './hand-history.ts';
import { noSecretIsShown } from './no-secret-is-shown.ts';

const drafts = caseOf({ user: 'alice', run: 'run-1' });
const token = [
  Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'),
  Buffer.from('{"sub":"alice","aud":"a"}').toString('base64url'),
  'c2lnbmF0dXJlLW9mLWEtdG9rZW4',
].join('.');
const secret = 'secret-of-plays-x';

function places(...more: readonly EventDraft[]): string[] {
  const { verdict } = noSecretIsShown.check(historyOf([...drafts, ...more]));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

const client = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
const seen = (text: string): EventDraft => ({ type: 'seen', ...client, frame: { message: `so: ${text}.` } });
const logged = (word: string): EventDraft => ({
  type: 'logged',
  actor: 'gateway',
  level: 'error',
  says: 'failed',
  words: [word],
});

it('holds where there is none, and for what only looks a little like one', () => {
  expect(places()).toEqual([]);
  expect(places(seen('eyJ.a.b'), seen(token.split('.')[0] ?? ''), logged('1.2.3'))).toEqual([]);
});

it.each<[string, EventDraft, string]>([
  ['to a user', seen(token), 'seen/a token'],
  ['to a user, as a subprotocol', seen(`jwt.${token}`), 'seen/a token'],
  ['to a user, without a signature', seen(`${token.split('.').slice(0, 2).join('.')}.`), 'seen/a token'],
  ['in the log', logged(token), 'logged/a token'],
  ['in the log, in base64', logged(Buffer.from(token).toString('base64')), 'logged/a token'],
  [
    'in the log, URL-encoded',
    logged(`key=${encodeURIComponent(secret).replaceAll('-', '%2D')}`),
    'logged/a secret',
  ],
  ['in the log, in hex', logged(Buffer.from(secret).toString('hex')), 'logged/a secret'],
  [
    'as a reason',
    { type: 'connection-closed', ...client, code: 1008, reason: secret, by: 'other' },
    'connection-closed/a secret',
  ],
  [
    'in a store, as a name',
    {
      type: 'stored',
      actor: 'redis',
      store: 'redis',
      key: 'k',
      road: 'unknown',
      json: { [secret]: 1 },
      expires: true,
    },
    'stored/a secret',
  ],
])('breaks by one that is shown %s', (_, draft, place) => {
  expect(places(draft)).toEqual([place]);
});

it('has nothing to judge in an empty history', () => {
  expect(noSecretIsShown.check(historyOf([])).coverage).toBe('not exercised');
});
