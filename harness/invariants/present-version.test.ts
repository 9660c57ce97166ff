import { describe, expect, it } from 'vitest';
import type { EventDraft, History } from '../history.ts';
import { everyRefusalIsExplained } from './every-refusal-is-explained.ts';
import { type Carry, caseOf, type HandRun, historyOf, losing, losingSilently } from './hand-history.ts';
import { nothingIsLostSilently } from './nothing-is-lost-silently.ts';
import { ofThePresentVersion } from './of-the-present-version.ts';
import { oldEntriesAreNeverTakenForData } from './old-entries-are-never-taken-for-data.ts';

const poison = { data: [{ path: ['metrics', 'total'], recipe: 'function' }] };
const old: HandRun = { user: 'alice', run: 'run-1', connection: 'alice-1', poison, carry: losingSilently };
const present: HandRun = { user: 'alice', run: 'run-2', connection: 'alice-2' };
const fromOld: HandRun = { ...present, poison, cachedFrom: { data: 'run-1' } };

describe('old entries', () => {
  const verdict = (history: History) => oldEntriesAreNeverTakenForData.check(history).verdict.is;

  it('of a version that lost values are its own fault, where the present one makes nothing of them', () => {
    const history = upgraded(old, present);
    expect(nothingIsLostSilently.check(history).verdict.is).toBe('broken');
    expect(verdict(history)).toBe('holds');
    expect(oldEntriesAreNeverTakenForData.check(history).checked).toBeGreaterThan(0);
  });

  it('are ours as soon as we hand on what they say', () => {
    expect(verdict(upgraded(old, { ...fromOld, carry: losingSilently }))).toBe('broken');
  });

  it('may be handed on by whoever says what is missing', () => {
    expect(verdict(upgraded({ ...old, carry: losing }, { ...fromOld, carry: losing }))).toBe('holds');
  });

  it('that were worked out from poison are nobody’s healthy results', () => {
    const poisonedTriage = { triage: [{ path: ['category'], recipe: 'huge-string' }] };
    const made: HandRun = { user: 'alice', run: 'run-1', connection: 'alice-1', poison: poisonedTriage };
    const handedOn: HandRun = { ...present, cachedFrom: { data: 'run-1' }, carry: losingFrom('data') };
    expect(verdict(upgraded(made, handedOn))).toBe('holds');
    expect(verdict(upgraded({ ...made, poison: {} }, handedOn))).toBe('broken');
  });

  it('that nobody can read may lie where they are', () => {
    const key = 'u:alice:cache:data:0';
    const text: EventDraft = {
      type: 'stored',
      actor: 'redis',
      store: 'redis',
      key,
      road: 'cache',
      user: 'alice',
      agent: 'data',
      text: '[object Object]',
      expires: true,
    };
    expect(verdict(upgraded(old, present, text))).toBe('holds');
  });

  it('are none where one version served all the time', () => {
    expect(verdict(historyOf(caseOf(old)))).toBe('broken');
    expect(verdict(historyOf(caseOf(present)))).toBe('holds');
  });
});

describe('an invariant of the present version', () => {
  const invariant = ofThePresentVersion(everyRefusalIsExplained);
  const failing = { reporting: { code: 'AGENT_FAILED' } };

  it('does not answer for the older one', () => {
    expect(invariant.check(upgraded({ ...old, failing }, present)).verdict.is).toBe('holds');
    expect(invariant.check(upgraded(old, { ...present, failing })).verdict.is).toBe('broken');
  });

  it('answers for all where there is no older one', () => {
    expect(invariant.check(historyOf(caseOf({ ...old, failing }))).verdict.is).toBe('broken');
  });
});

/** A healthy result of this agent comes with a part gone, and the account names it. */
const losingFrom =
  (agent: string): Carry =>
  (result) =>
    losing(
      result.agent === agent
        ? { ...result, poisoned: [{ path: ['metrics', 'total'], recipe: 'x' }] }
        : result,
    );

/** The first run is served by an older version, the second by the present one. */
function upgraded(first: HandRun, second: HandRun, ...more: EventDraft[]): History {
  const drafts = caseOf(first, second);
  const arrivals = drafts.flatMap(({ type }, index) => (type === 'connection-opened' ? [index] : []));
  const [start = 0, change = 0] = arrivals;
  const about = { actor: 'world', process: 'pipeline@older', instance: 1 };
  return historyOf([
    ...drafts.slice(0, start),
    { type: 'process-started', ...about },
    ...drafts.slice(start, change),
    { type: 'process-exited', ...about, cause: 'asked', code: '0' },
    { type: 'process-started', actor: 'world', process: 'pipeline', instance: 2 },
    ...drafts.slice(change, -1),
    ...more,
    ...drafts.slice(-1),
  ]);
}
