import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { aFailureStaysWhereItHappened } from './a-failure-stays-where-it-happened.ts';
import { caseOf, type HandRun, historyOf } from './hand-history.ts';
import { nothingOfARunOutlivesIt } from './nothing-of-a-run-outlives-it.ts';

const failed: HandRun = { user: 'alice', run: 'run-a', failing: { data: { code: 'AGENT_FAILED' } } };
const later: HandRun = { user: 'alice', run: 'run-b' };
const bobs: HandRun = { user: 'bob', run: 'run-c' };

function places(invariant: Invariant, drafts: readonly EventDraft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

/** The same events, with these put before the first that fits. */
function putBefore(
  drafts: readonly EventDraft[],
  fits: (draft: EventDraft) => boolean,
  ...put: EventDraft[]
): EventDraft[] {
  const at = drafts.findIndex(fits);
  return [...drafts.slice(0, at), ...put, ...drafts.slice(at)];
}

function fired(message: string, fate: Json): EventDraft {
  return { type: 'fault-fired', actor: 'faults', message, fault: 0, name: 'any', fate };
}

const isEnd =
  (user: string) =>
  (draft: EventDraft): boolean =>
    draft.type === 'seen' &&
    draft.user === user &&
    /^run_(completed|failed)$/.test((draft.frame as { type: string }).type);

describe('a failure stays where it happened', () => {
  const check = (...drafts: EventDraft[]) => places(aFailureStaysWhereItHappened, drafts);

  it('holds where those that come after it, or are beside it, are answered in full', () => {
    expect(check(...caseOf(failed, later, bobs))).toEqual([]);
    expect(aFailureStaysWhereItHappened.check(historyOf(caseOf(failed, later, bobs))).checked).toBe(2);
  });

  it('has nothing to judge where nothing failed, or nobody came after it', () => {
    expect(check(...caseOf(later, bobs))).toEqual(['unsure: nothing to judge']);
    expect(check(...caseOf(later, failed))).toEqual(['unsure: nothing to judge']);
  });

  it.each<[string, Partial<HandRun>, string]>([
    ['that fails', { failing: { reporting: { code: 'AGENT_TIMEOUT' } } }, 'agent/reporting/AGENT_TIMEOUT'],
    ['that is answered in part', { failing: { data: { code: 'AGENT_FAILED' } } }, 'agent/data/AGENT_FAILED'],
  ])('breaks by a run %s, whoever asked it', (_, how, place) => {
    expect(check(...caseOf(failed, { ...later, ...how }))).toContain(place);
    expect(check(...caseOf(failed, { ...bobs, ...how }))).toContain(place);
  });

  it('breaks by a run that never ends, or is refused', () => {
    const cut = (drafts: EventDraft[]) =>
      drafts.filter(
        (draft) =>
          !isEnd('bob')(draft) &&
          !(draft.type === 'stored' && draft.user === 'bob') &&
          !(draft.type === 'connection-closed' && draft.user === 'bob'),
      );
    expect(check(...cut(caseOf(failed, bobs)))).toEqual(['run/(no end)']);
    const error = { type: 'error', code: 'SERVICE_NOT_READY', run_id: 'run-c' };
    const told: EventDraft = {
      type: 'seen',
      actor: 'user:bob',
      user: 'bob',
      connection: 'bob-1',
      frame: error,
    };
    const drafts = caseOf(failed, bobs);
    expect(check(...cut(putBefore(drafts, isEnd('bob'), told)))).toEqual(['error/SERVICE_NOT_READY']);
  });

  it('breaks by an answer in full of which an agent was never shown', () => {
    const drafts = caseOf(failed, bobs).filter(
      (draft) =>
        !JSON.stringify(draft).includes('"agent_name":"triage"') || !JSON.stringify(draft).includes('run-c'),
    );
    expect(check(...drafts)).toEqual(['agent/triage/(not shown)']);
  });

  it('is unsure of a run whose user left before anybody knew its end', () => {
    const drafts = caseOf(failed, bobs).filter(
      (draft) => !isEnd('bob')(draft) && !(draft.type === 'stored' && draft.user === 'bob'),
    );
    expect(check(...drafts)).toEqual(["unsure: nobody knows how bob's run-c would have ended"]);
  });

  const failing = { failing: { data: { code: 'AGENT_FAILED' } } };

  it('says nothing of a run that a fault met, and takes no fault on another for an excuse', () => {
    const drafts = caseOf(failed, { ...bobs, ...failing });
    const does = { do: 'fail', error: 'Broken' };
    expect(check(...putBefore(drafts, isEnd('bob'), fired('agent>bob/run-c/data#1', does)))).toEqual([
      'unsure: nothing to judge',
    ]);
    expect(check(...putBefore(drafts, isEnd('bob'), fired('agent>alice/run-a/data#1', does)))).toEqual([
      'agent/data/AGENT_FAILED',
    ]);
    expect(check(...putBefore(drafts, isEnd('bob'), fired('model>bob/run-x/data#1', does)))).toEqual([
      'agent/data/AGENT_FAILED',
    ]);
  });

  it('leaves out what was begun soon after everybody was met, and nobody who came when that was long over', () => {
    const drafts = caseOf(failed, { ...bobs, ...failing });
    const cut = fired('redis>alice/run-a/xadd.events#1', { do: 'cut', when: 'before' });
    const withCut = putBefore(drafts, (draft) => draft.type === 'connection-opened', cut);
    expect(check(...withCut)).toEqual(['unsure: nothing to judge']);
    const late = withCut.map((draft): EventDraft & { at?: number } =>
      draft.type === 'connection-opened' && draft.user === 'bob' ? { ...draft, at: 6_000 } : draft,
    );
    expect(places(aFailureStaysWhereItHappened, late)).toEqual(['agent/data/AGENT_FAILED']);
  });

  it('takes no short wait for an excuse, and a poisoned result for one', () => {
    const drafts = caseOf(failed, { ...bobs, ...failing });
    const slow = fired('agent>bob/run-c/data#1', { do: 'delay', ms: 300 });
    expect(check(...putBefore(drafts, isEnd('bob'), slow))).toEqual(['agent/data/AGENT_FAILED']);
    const poison = { triage: [{ path: ['title'], recipe: 'function' }] };
    expect(check(...caseOf(failed, { ...bobs, ...failing, poison }))).toEqual(['unsure: nothing to judge']);
  });
});

describe('nothing of a run outlives it', () => {
  const check = (...drafts: EventDraft[]) => places(nothingOfARunOutlivesIt, drafts);
  const about = { user: 'alice', run: 'run-a' };
  const works: [string, EventDraft][] = [
    ['agent/data', { type: 'agent-asked', actor: 'agent:data', ...about, agent: 'data', input: {} }],
    ['model/data', { type: 'prompted', actor: 'model', ...about, agent: 'data', messages: [], tools: [] }],
    ['tool/t', { type: 'tool-called', actor: 'tool:t', ...about, tool: 't', call: 'c', arguments: {} }],
  ];

  it('holds where all that is done for a run is done before its end', () => {
    expect(check(...caseOf(failed, later))).toEqual([]);
  });

  it.each(works)('breaks by %s after the end', (place, draft) => {
    expect(check(...caseOf(failed, later), draft)).toEqual([place]);
  });

  it('lets an agent return that was given up, and others work on', () => {
    const late: EventDraft = {
      type: 'agent-returned',
      actor: 'agent:data',
      ...about,
      agent: 'data',
      clean: {},
      poisoned: [],
    };
    expect(check(...caseOf(failed, later), late)).toEqual([]);
    expect(
      check(...caseOf(failed), ...works.map(([, draft]) => ({ ...draft, run: 'run-z' }) as EventDraft)),
    ).toEqual([]);
  });

  it('has nothing to judge where no end was seen', () => {
    expect(check(...caseOf(later).filter((draft) => !isEnd('alice')(draft)))).toEqual([
      'unsure: nothing to judge',
    ]);
  });
});
