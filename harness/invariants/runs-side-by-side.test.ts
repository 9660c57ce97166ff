import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { caseOf, historyOf, proofOf } from './hand-history.ts';
import { noUserHasMoreRunsThanAllowed } from './no-user-has-more-runs-than-allowed.ts';
import { twoRunsNeverMix } from './two-runs-never-mix.ts';

function places(invariant: Invariant, drafts: readonly EventDraft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

/** The same with another text in place of one, wherever it stands, in the events of one run. */
function ofRun(drafts: readonly EventDraft[], run: string, from: string, to: string): EventDraft[] {
  return drafts.map((draft) => {
    const text = JSON.stringify(draft);
    return text.includes(run) ? (JSON.parse(text.replaceAll(from, to)) as EventDraft) : draft;
  });
}

const agents = ['triage', 'reporting'];
/** Two runs of alice, each with a request of its own. */
const two = ofRun(
  caseOf({ user: 'alice', run: 'run-a', agents }, { user: 'alice', run: 'run-b', agents }),
  'run-b',
  'Why so dear?',
  'Why so slow?',
);

describe('two runs never mix', () => {
  it('holds where each is asked, shows and keeps its own, and counts what it looked at', () => {
    expect(places(twoRunsNeverMix, two)).toEqual([]);
    expect(twoRunsNeverMix.check(historyOf(two)).checked).toBeGreaterThan(10);
    expect(places(twoRunsNeverMix, caseOf())).toEqual(['unsure: nothing to judge']);
  });

  it('breaks where an agent, and with it the model, is asked what another run asked', () => {
    const input = { request: 'Why so slow?', thread_id: 'thread-1', results: {} };
    const about = { user: 'alice', run: 'run-a', agent: 'triage' };
    const asked: EventDraft = { type: 'agent-asked', actor: 'agent:triage', ...about, input };
    const messages: Json = [{ role: 'user', content: JSON.stringify(input) }];
    const prompted: EventDraft = { type: 'prompted', actor: 'model', ...about, tools: [], messages };
    expect(places(twoRunsNeverMix, [...two, asked])).toEqual(["in an agent's input/request"]);
    expect(places(twoRunsNeverMix, [...two, prompted])).toEqual(['in a prompt/request']);
    const elsewhere = { ...asked, input: { request: 'Why so dear?', thread_id: 'thread-9' } };
    expect(places(twoRunsNeverMix, [...two, elsewhere])).toEqual(["in an agent's input/thread"]);
  });

  it.each<[string, EventDraft['type'], string]>([
    ['in an event', 'seen', 'agent_completed'],
    ['in its state', 'stored', 'persistence'],
  ])('breaks where what the model told another run stands %s', (where, type, mark) => {
    const mixed = two.map((draft) => {
      const text = JSON.stringify(draft);
      const hit = draft.type === type && text.includes(mark) && text.includes('run-a');
      const [own, others] = ['run-a', 'run-b'].map((run) => proofOf('alice', run, 'triage'));
      return hit ? (JSON.parse(text.replaceAll(own ?? '', others ?? '')) as EventDraft) : draft;
    });
    expect(places(twoRunsNeverMix, mixed)).toEqual([`${where}/model answer`]);
  });

  it('breaks where a run shows a call that was made for another', () => {
    const calling = caseOf({ user: 'alice', run: 'run-a' }, { user: 'alice', run: 'run-b' });
    const both = ofRun(calling, 'run-b', 'Why so dear?', 'Why so slow?');
    expect(places(twoRunsNeverMix, both)).toEqual([]);
    const mixed = both.map((draft) => {
      const text = JSON.stringify(draft);
      return draft.type === 'seen' && text.includes('tool_executing')
        ? (JSON.parse(text.replace('run-a-call-1', 'run-b-call-1')) as EventDraft)
        : draft;
    });
    expect(places(twoRunsNeverMix, mixed)).toEqual(['in an event/tool call']);
    const called: EventDraft = {
      type: 'tool-called',
      actor: 'tool:t',
      user: 'alice',
      run: 'run-a',
      tool: 't',
      call: 'c',
      arguments: { of: proofOf('alice', 'run-b', 'data') },
    };
    expect(places(twoRunsNeverMix, [...both, called])).toEqual(["in a tool call's arguments/model answer"]);
  });

  it('breaks where an event goes into the thread of another run', () => {
    const elsewhere = two.map((draft): EventDraft => {
      if (draft.type !== 'seen' || !JSON.stringify(draft).includes('agent_started')) return draft;
      return { ...draft, frame: { ...(draft.frame as { [key: string]: Json }), thread_id: 'thread-9' } };
    });
    expect(places(twoRunsNeverMix, elsewhere)).toEqual(['in an event/thread']);
  });

  it('lets runs with one request share a result, as a cache does', () => {
    const same = caseOf(
      { user: 'alice', run: 'run-a', agents },
      { user: 'alice', run: 'run-b', agents, cachedFrom: { triage: 'run-a' } },
    );
    expect(places(twoRunsNeverMix, same)).toEqual([]);
    expect(places(twoRunsNeverMix, ofRun(same, 'run-b', 'Why so dear?', 'Why so slow?'))).not.toEqual([]);
  });

  it('judges no run that its user asked for twice, in different words', () => {
    const again: EventDraft = {
      type: 'sent',
      actor: 'user:alice',
      user: 'alice',
      connection: 'alice-1',
      frame: {
        type: 'start_agent',
        run_id: 'run-a',
        thread_id: 'thread-1',
        payload: { user_request: 'What?' },
      },
    };
    const about = { user: 'alice', run: 'run-a', agent: 'triage' };
    const asked: EventDraft = {
      type: 'agent-asked',
      actor: 'agent:triage',
      ...about,
      input: { request: 'What?', thread_id: 'thread-1' },
    };
    expect(places(twoRunsNeverMix, [...two, again, asked])).toEqual([]);
    expect(places(twoRunsNeverMix, [...two, asked])).toEqual(["in an agent's input/request"]);
  });
});

describe('no user has more runs than allowed', () => {
  const asked = (run: string, user = 'alice'): EventDraft => ({
    type: 'agent-asked',
    actor: 'agent:data',
    user,
    run,
    agent: 'data',
    input: {},
  });
  const judged = (runsPerUser: number | undefined, ...drafts: EventDraft[]): string[] => {
    const [started, ended] = caseOf();
    if (started?.type !== 'case-started' || ended === undefined) return [];
    const bounds = { ...started.bounds, ...(runsPerUser === undefined ? {} : { runsPerUser }) };
    return places(noUserHasMoreRunsThanAllowed, [{ ...started, bounds }, ...drafts, ended]);
  };
  const [a, b, c] = [asked('run-a'), asked('run-b'), asked('run-c')];

  it('holds where runs come one after the other, or are of different users', () => {
    expect(judged(1, a, a, b, b)).toEqual([]);
    expect(judged(1, a, asked('run-a', 'bob'), a, asked('run-a', 'bob'))).toEqual([]);
    expect(judged(2, a, b, a, b, c, c)).toEqual([]);
  });

  it('breaks where more are worked on at one moment', () => {
    expect(judged(1, a, b, a, b)).toEqual(['runs of alice']);
    expect(judged(2, a, b, c, b, a, c)).toEqual(['runs of alice']);
    expect(judged(2, a, b, a, c, b, c)).toEqual([]);
  });

  it('is unsure where nobody said how many are allowed, and has nothing to judge where none is worked on', () => {
    expect(judged(undefined, a, a)).toEqual(['unsure: nobody said how many runs a user may have']);
    expect(judged(1)).toEqual(['unsure: nothing to judge']);
  });
});
