import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import { aRunIsTheSameInCompany } from './a-run-is-the-same-in-company.ts';
import { caseOf, type HandRun, historyOf } from './hand-history.ts';

const alice: HandRun = { user: 'alice', run: 'run-a' };
const bob: HandRun = { user: 'bob', run: 'run-b' };
const alone = caseOf(alice);
const inCompany = caseOf(alice, bob);

type Timed = EventDraft & { readonly at?: number };

function places(company: readonly Timed[], twin: readonly Timed[] = alone): string[] {
  const { verdict } = aRunIsTheSameInCompany.check(historyOf(company), historyOf(twin));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

/** Bends the frames of a type, wherever they are told. */
function bending(
  type: string,
  user: string,
  bend: (payload: { [key: string]: Json }) => { [key: string]: Json },
): EventDraft[] {
  return inCompany.map((draft): EventDraft => {
    const bent = (frame: Json | undefined): Json | undefined => {
      const told = frame as { type?: string; payload?: { [key: string]: Json } } | undefined;
      if (told?.type !== type || told.payload === undefined) return frame;
      return { ...told, payload: bend(told.payload) } as Json;
    };
    if (draft.type === 'seen' && draft.user === user) return { ...draft, frame: bent(draft.frame) ?? null };
    if (draft.type === 'stored' && draft.user === user && draft.json !== undefined)
      return { ...draft, json: bent(draft.json) ?? null };
    return draft;
  });
}

describe('a run is the same in company', () => {
  it('holds where nothing of it depends on the others', () => {
    expect(places(inCompany)).toEqual([]);
    expect(places(caseOf(bob, alice))).toEqual([]);
    expect(places(caseOf(alice, { ...bob, failing: { data: { code: 'AGENT_FAILED' } } }))).toEqual([]);
  });

  it('has nothing to judge without company, and says nothing of the others', () => {
    expect(places(alone)).toEqual(['unsure: nothing to judge']);
    const others = bending('agent_thinking', 'bob', (payload) => ({ ...payload, step_number: 9 }));
    expect(places(others)).toEqual([]);
  });

  it('is skipped where there is no twin', () => {
    expect(aRunIsTheSameInCompany.needsTwin).toBe(true);
    expect(aRunIsTheSameInCompany.check(historyOf(inCompany)).verdict).toMatchObject({ is: 'unsure' });
  });

  it.each<[string, string, (payload: { [key: string]: Json }) => { [key: string]: Json }]>([
    ['agent_thinking', 'event/agent_thinking/triage', (payload) => ({ ...payload, step_number: 2 })],
    ['tool_completed', 'event/tool_completed/data', (payload) => ({ ...payload, result: { records: [] } })],
    ['run_completed', 'event/run_completed/supervisor', (payload) => ({ ...payload, status: 'partial' })],
  ])('breaks by another %s', (type, place, bend) => {
    expect(places(bending(type, 'alice', bend))).toEqual([place]);
  });

  it('takes no duration and no id of the log for a difference', () => {
    const bent = bending('agent_completed', 'alice', (payload) => ({
      ...payload,
      execution_time_ms: 900,
      correlation_id: 'corr_x',
    }));
    expect(places(bent)).toEqual([]);
  });

  const about = { user: 'alice', run: 'run-a' };
  it.each<[string, EventDraft]>([
    [
      'prompt/data/(more)',
      { type: 'prompted', actor: 'model', ...about, agent: 'data', messages: [], tools: [] },
    ],
    [
      'tool/t/arguments/(more)',
      { type: 'tool-called', actor: 'tool:t', ...about, tool: 't', call: 'c', arguments: {} },
    ],
  ])('breaks by %s', (place, draft) => {
    expect(places([...inCompany, draft])).toEqual([place]);
  });

  it('breaks by what is stored otherwise, by what is not there, and by a run that never begins', () => {
    const state = inCompany.map(
      (draft): EventDraft =>
        draft.type === 'stored' && draft.road === 'persistence' && draft.user === 'alice'
          ? { ...draft, json: {} }
          : draft,
    );
    expect(places(state)).toEqual(['state']);
    const isPrompt = (draft: EventDraft) => draft.type === 'prompted' && draft.user === 'alice';
    expect(places(inCompany.filter((draft) => !isPrompt(draft)))).toEqual(['prompt/triage/(missing)']);
    const isHers = (draft: EventDraft) => 'user' in draft && draft.user === 'alice';
    expect(places(inCompany.filter((draft) => !isHers(draft)))).toEqual(['run/(never begun)']);
  });

  it('breaks by a run that company slows beyond the bound', () => {
    const isEnd = (draft: EventDraft) =>
      draft.type === 'seen' && (draft.frame as { type: string }).type === 'run_completed';
    const late = (ms: number) =>
      inCompany.map(
        (draft): Timed =>
          isEnd(draft) && 'user' in draft && draft.user === 'alice' ? { ...draft, at: ms } : draft,
      );
    expect(places(late(4_000))).toEqual([]);
    expect(places(late(9_000))).toEqual(['run/(slowed)']);
  });

  it('is unsure where nobody knows how the run ends alone', () => {
    const cut = alone.map(
      (draft): EventDraft => (draft.type === 'case-ended' ? { ...draft, reason: 'out-of-time' } : draft),
    );
    expect(places(inCompany, cut)).toEqual([
      "unsure: nobody knows how alice's run-a ends when alice is alone",
    ]);
  });

  it('says nothing of a run that met what befell everybody', () => {
    const died: EventDraft = {
      type: 'process-exited',
      actor: 'world',
      process: 'pipeline',
      instance: 1,
      cause: 'killed',
      code: 'SIGKILL',
    };
    const drafts = bending('run_completed', 'alice', (payload) => ({ ...payload, status: 'partial' }));
    expect(places([drafts[0] as EventDraft, died, ...drafts.slice(1)])).toEqual(['unsure: nothing to judge']);
  });
});
