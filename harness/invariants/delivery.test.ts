import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { everyAcceptedRunEnds } from './every-accepted-run-ends.ts';
import { everyToolCallIsShown } from './every-tool-call-is-shown.ts';
import { caseOf, type HandRun, historyOf } from './hand-history.ts';
import { noEventIsSeenTwice } from './no-event-is-seen-twice.ts';
import { theFiveEventsArriveInOrder } from './the-five-events-arrive-in-order.ts';

const alice: HandRun = { user: 'alice', run: 'run-1' };
const bob: HandRun = { user: 'bob', run: 'run-1' };
const me = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
const gaveUp: EventDraft = { type: 'gave-up', actor: me.actor, user: 'alice', run: 'run-1', afterMs: 30_000 };

type Timed = EventDraft & { readonly at?: number };

function finding(invariant: Invariant, drafts: readonly Timed[]): string {
  const { verdict, coverage } = invariant.check(historyOf(drafts));
  if (verdict.is === 'broken') return verdict.violations.map(({ place }) => place).join(', ');
  return verdict.is === 'unsure' ? `unsure: ${verdict.why} (${coverage})` : 'holds';
}

const frameOf = (draft: EventDraft): { [key: string]: Json } | undefined =>
  draft.type === 'seen' ? (draft.frame as { [key: string]: Json }) : undefined;

/** The place of the first frame of this type that was seen. */
function indexOf(drafts: readonly EventDraft[], type: string): number {
  return drafts.findIndex((draft) => frameOf(draft)?.type === type);
}

const unseen = (drafts: readonly EventDraft[], ...types: string[]): EventDraft[] =>
  drafts.filter((draft) => !types.includes(String(frameOf(draft)?.type)));

const unstored = (drafts: readonly EventDraft[], ...types: string[]): EventDraft[] =>
  drafts.filter(
    (draft) =>
      draft.type !== 'stored' ||
      draft.road !== 'events' ||
      !types.includes(String((draft.json as { type: string }).type)),
  );

/** Puts events before the stores are read. */
function withMore(drafts: readonly EventDraft[], ...more: EventDraft[]): EventDraft[] {
  const index = drafts.findIndex(({ type }) => type === 'stored');
  return [...drafts.slice(0, index), ...more, ...drafts.slice(index)];
}

function fault(message: string, fate: { [key: string]: Json }): EventDraft {
  return { type: 'fault-fired', actor: 'faults', fault: 0, name: 'by hand', message, fate };
}

/** Another event of the same run, numbered after this one. */
function following(draft: EventDraft | undefined, type: string, agent: string): EventDraft {
  const frame = draft === undefined ? undefined : frameOf(draft);
  if (draft?.type !== 'seen' || frame === undefined) throw new Error('no event to follow');
  return { ...draft, frame: { ...frame, type, agent_name: agent, sequence: Number(frame.sequence) + 1 } };
}

function edited(drafts: readonly EventDraft[], type: string, payload: { [key: string]: Json }): EventDraft[] {
  const index = indexOf(drafts, type);
  return drafts.map((draft, at) => {
    const frame = frameOf(draft);
    if (at !== index || frame === undefined || draft.type !== 'seen') return draft;
    return { ...draft, frame: { ...frame, payload: { ...(frame.payload as object), ...payload } } };
  });
}

describe('every accepted run ends', () => {
  it('holds for answers, failures and errors that name the run', () => {
    expect(finding(everyAcceptedRunEnds, caseOf(alice, bob))).toBe('holds');
    const failing = { reporting: { code: 'MODEL_TIMEOUT' } };
    expect(finding(everyAcceptedRunEnds, caseOf({ ...alice, failing }))).toBe('holds');
    const told: EventDraft = {
      type: 'seen',
      ...me,
      frame: { type: 'error', code: 'STORE_UNAVAILABLE', run_id: 'run-1' },
    };
    expect(finding(everyAcceptedRunEnds, withMore(unseen(caseOf(alice), 'run_completed'), told))).toBe(
      'holds',
    );
  });

  it('has nothing to judge where nobody asked', () => {
    expect(finding(everyAcceptedRunEnds, caseOf())).toBe('unsure: nothing to judge (not exercised)');
  });

  it('is unsure of a run that its user never came to ask, where nothing was in the way', () => {
    const absent = caseOf(alice, bob).filter((draft) => !('user' in draft) || draft.user !== 'bob');
    expect(finding(everyAcceptedRunEnds, absent)).toBe(
      'unsure: bob was to ask run-1, and nothing was heard of it (exercised)',
    );
    const refused: EventDraft = {
      type: 'connection-refused',
      actor: 'user:bob',
      user: 'bob',
      connection: 'bob-1',
      status: 503,
    };
    expect(finding(everyAcceptedRunEnds, withMore(absent, refused))).toBe('holds');
  });

  const endless = unstored(unseen(caseOf(alice), 'run_completed'), 'run_completed');
  const staying = endless.filter(({ type }) => type !== 'connection-closed');

  it('breaks by a run without an end, though others end', () => {
    const both = unstored(
      caseOf(alice, bob).filter((draft) => {
        const ofAlice = draft.type === 'seen' && draft.user === 'alice';
        const closing = draft.type === 'connection-closed' && draft.user === 'alice';
        return !closing && (!ofAlice || frameOf(draft)?.type !== 'run_completed');
      }),
    );
    expect(finding(everyAcceptedRunEnds, both)).toBe('run/(no end)');
    expect(finding(everyAcceptedRunEnds, withMore(staying, gaveUp))).toBe('run/(no end)');
  });

  it('breaks by a target that never answers', () => {
    const silent = caseOf(alice).filter(({ type }) =>
      ['case-started', 'connection-opened', 'sent', 'case-ended'].includes(type),
    );
    expect(finding(everyAcceptedRunEnds, silent)).toBe('run/(never answered)');
    expect(finding(everyAcceptedRunEnds, [...silent.slice(0, 3), gaveUp, ...silent.slice(3)])).toBe(
      'run/(never answered)',
    );
  });

  it('breaks by a target that lets nobody in and does not say why; a refusal is another matter', () => {
    const closed = caseOf(alice).filter(({ type }) => type.startsWith('case-'));
    const [started, ended] = closed as [EventDraft, EventDraft];
    expect(finding(everyAcceptedRunEnds, [started, gaveUp, ended])).toBe('connection/(never opened)');
    const refused: EventDraft = { type: 'connection-refused', ...me, status: 503, code: 'SERVICE_NOT_READY' };
    expect(finding(everyAcceptedRunEnds, [started, refused, gaveUp, ended])).toBe(
      'unsure: nothing to judge (not exercised)',
    );
  });

  it('is unsure where the case ran out of time first', () => {
    const overTime = staying.map(
      (draft): EventDraft => (draft.type === 'case-ended' ? { ...draft, reason: 'out-of-time' } : draft),
    );
    expect(finding(everyAcceptedRunEnds, overTime)).toBe(
      "unsure: alice's run-1 had not ended when the case ran out of time (exercised)",
    );
    expect(finding(everyAcceptedRunEnds, withMore(overTime, gaveUp))).toBe('run/(no end)');
  });

  it('judges the log for a user who left for good', () => {
    expect(finding(everyAcceptedRunEnds, unseen(caseOf(alice), 'run_completed'))).toBe('holds');
    expect(finding(everyAcceptedRunEnds, endless)).toBe('run/(no end in the log)');
    const withoutLog = unseen(caseOf(alice), 'run_completed').filter(({ type }) => type !== 'stored');
    expect(finding(everyAcceptedRunEnds, withoutLog)).toBe(
      "unsure: alice's run-1: its end is not known without its log (exercised)",
    );
  });

  it('knows nothing of an end that lay in a log which is lost since, where the run was worked on no more', () => {
    const both = caseOf(alice, { user: 'bob', run: 'run-1' });
    const logLost = unseen(both, 'run_completed').filter(
      (draft) => draft.type !== 'stored' || draft.user !== 'alice',
    );
    const loss = fault('client<bob/run-1/run_completed#1', { do: 'kill-redis', data: 'lost' });
    const kept = fault('client<bob/run-1/run_completed#1', { do: 'kill-redis', data: 'kept' });
    const [started, ...rest] = logLost as [EventDraft, ...EventDraft[]];
    expect(finding(everyAcceptedRunEnds, withMore(logLost, loss))).toBe('holds');
    expect(finding(everyAcceptedRunEnds, withMore(logLost, kept))).toBe('run/(no end in the log)');
    expect(finding(everyAcceptedRunEnds, [started, loss, ...rest])).toBe('run/(no end in the log)');
    // Nobody worked on it: asked for before the loss it may have lain there, afterwards it cannot have.
    const untouched = logLost.filter(
      (draft) =>
        !('user' in draft && draft.user === 'alice') ||
        ['connection-opened', 'sent', 'connection-closed'].includes(draft.type) ||
        (draft.type === 'seen' && (draft.frame as { type: string }).type === 'run_accepted'),
    );
    const [, ...afterwards] = untouched;
    expect(finding(everyAcceptedRunEnds, withMore(untouched, loss))).toBe('holds');
    expect(finding(everyAcceptedRunEnds, [started, loss, ...afterwards])).toBe('run/(no end in the log)');
  });

  it('judges the log for a user whose wire a fault broke, and counts a start that may be lost for nothing', () => {
    const drop = fault('client<alice/run-1/run_completed#1', { do: 'drop' });
    const seenNoEnd = unseen(caseOf(alice), 'run_completed');
    expect(finding(everyAcceptedRunEnds, withMore(seenNoEnd, drop, gaveUp))).toBe('holds');
    expect(finding(everyAcceptedRunEnds, withMore(endless, drop, gaveUp))).toBe('run/(no end in the log)');
    const lost = caseOf(alice).filter(({ type }) =>
      ['case-started', 'connection-opened', 'sent', 'case-ended'].includes(type),
    );
    const lostStart = fault('client>alice/run-1/start_agent#1', { do: 'drop' });
    expect(finding(everyAcceptedRunEnds, [...lost.slice(0, 3), lostStart, gaveUp, ...lost.slice(3)])).toBe(
      'unsure: nothing to judge (not exercised)',
    );
  });

  it('breaks by two ends, and not by one that is shown again', () => {
    const index = indexOf(caseOf(alice), 'run_completed');
    const end = caseOf(alice)[index] as EventDraft;
    const again = following(end, 'run_failed', 'supervisor');
    expect(finding(everyAcceptedRunEnds, withMore(caseOf(alice), again))).toBe('run/(ended more than once)');
    expect(finding(everyAcceptedRunEnds, withMore(caseOf(alice), end))).toBe('holds');
  });

  it('breaks by an end that is late, unless faults or a lost connection took the time', () => {
    const late = (drafts: readonly EventDraft[], at: number): Timed[] =>
      drafts.map((draft) => (frameOf(draft)?.type === 'run_completed' ? { ...draft, at } : draft));
    expect(finding(everyAcceptedRunEnds, late(caseOf(alice), 24_000))).toBe('holds');
    expect(finding(everyAcceptedRunEnds, late(caseOf(alice), 26_000))).toBe('run/(late)');
    const slow = fault('model>alice/run-1/data#1', { do: 'delay', ms: 3_000 });
    expect(finding(everyAcceptedRunEnds, late([slow, ...caseOf(alice)], 26_000))).toBe('holds');
    const index = indexOf(caseOf(alice), 'run_completed');
    const apart: Timed[] = [
      ...caseOf(alice).slice(0, index),
      { type: 'connection-closed', ...me, code: 1006, reason: '', by: 'other' },
      { type: 'connection-opened', ...me, connection: 'alice-2', at: 5_000 },
      ...caseOf(alice).slice(index),
    ];
    expect(finding(everyAcceptedRunEnds, late(apart, 26_000))).toBe('holds');
  });

  it('counts from the start that arrived, and not where a fault met the wire', () => {
    const drafts = caseOf(alice);
    const index = drafts.findIndex(({ type }) => type === 'sent');
    const again: Timed[] = [
      ...drafts.slice(0, index + 1),
      { ...(drafts[index] as EventDraft), at: 29_000 },
      ...drafts.slice(index + 1),
    ];
    expect(finding(everyAcceptedRunEnds, again)).toBe('holds');
    const reply = fault('client<alice/run-1/run_completed#1', { do: 'cut', when: 'before' });
    const end = indexOf(drafts, 'run_completed');
    const late = [...drafts.slice(0, end), reply, { ...(drafts[end] as EventDraft), at: 40_000 }];
    expect(finding(everyAcceptedRunEnds, late)).toBe('holds');
  });

  it('takes RUN_DUPLICATE for no end', () => {
    const duplicate: EventDraft = {
      type: 'seen',
      ...me,
      frame: { type: 'error', code: 'RUN_DUPLICATE', run_id: 'run-1' },
    };
    expect(finding(everyAcceptedRunEnds, withMore(staying, duplicate, gaveUp))).toBe('run/(no end)');
  });
});

describe('the five events arrive in order', () => {
  it('holds for healthy runs, failed agents and failed runs', () => {
    const failing = { data: { code: 'AGENT_FAILED' } };
    expect(finding(theFiveEventsArriveInOrder, caseOf(alice, { ...bob, failing }))).toBe('holds');
    expect(finding(theFiveEventsArriveInOrder, caseOf())).toBe('unsure: nothing to judge (not exercised)');
    const cut = caseOf({ ...alice, failing: { reporting: { code: 'MODEL_TIMEOUT' } } });
    expect(finding(theFiveEventsArriveInOrder, cut)).toBe('holds');
  });

  it('breaks by a gap, unless a fault on the wire or a notice explains it', () => {
    const gap = unseen(caseOf(alice), 'tool_executing');
    expect(finding(theFiveEventsArriveInOrder, gap)).toBe('tool_completed/(gap)');
    const drop = fault('client<alice/run-1/tool_executing#1', { do: 'drop' });
    expect(finding(theFiveEventsArriveInOrder, [drop, ...gap])).toBe('holds');
    const elsewhere = fault('client<bob/run-1/tool_executing#1', { do: 'drop' });
    expect(finding(theFiveEventsArriveInOrder, [elsewhere, ...gap])).toBe('tool_completed/(gap)');
    const lost: EventDraft = {
      type: 'seen',
      ...me,
      frame: { type: 'events_lost', run_id: 'run-1', after: 4, available_from: 20 },
    };
    expect(finding(theFiveEventsArriveInOrder, [lost, ...gap])).toBe('holds');
  });

  it('breaks by a first event that is not number 1', () => {
    expect(finding(theFiveEventsArriveInOrder, caseOf(alice).toSpliced(4, 1))).toBe('agent_thinking/(gap)');
  });

  it('breaks by a step back', () => {
    const drafts = caseOf(alice);
    const first = indexOf(drafts, 'tool_executing');
    const second = indexOf(drafts, 'tool_completed');
    const swapped = drafts
      .with(first, drafts[second] as EventDraft)
      .with(second, drafts[first] as EventDraft);
    expect(finding(theFiveEventsArriveInOrder, swapped)).toBe(
      'tool_completed/(gap), tool_executing/(step back)',
    );
  });

  it('holds for replays after a reconnect or a resume, from any event that was asked for', () => {
    const drafts = caseOf(alice);
    const index = indexOf(drafts, 'tool_completed');
    const events = drafts.filter((draft) => frameOf(draft)?.sequence !== undefined);
    const elsewhere = events.map((draft) => ({ ...draft, connection: 'alice-2' }) as EventDraft);
    expect(finding(theFiveEventsArriveInOrder, [...drafts.slice(0, index), ...elsewhere])).toBe('holds');
    const resume: EventDraft = { type: 'sent', ...me, frame: { type: 'resume', run_id: 'run-1', after: 0 } };
    expect(finding(theFiveEventsArriveInOrder, withMore(drafts, resume, ...events))).toBe('holds');
    const early = drafts.toSpliced(index, 0, resume);
    const late = events.filter((draft) => Number(frameOf(draft)?.sequence) > 3);
    expect(finding(theFiveEventsArriveInOrder, withMore(early, ...late))).toBe('holds');
    expect(finding(noEventIsSeenTwice, withMore(early, ...late))).toBe('holds');
  });

  it('breaks by a tool call that nobody began, one that stays open, and one without a number', () => {
    const other = edited(caseOf(alice), 'tool_completed', { call_id: 'call-9' });
    expect(finding(theFiveEventsArriveInOrder, other)).toBe(
      'tool_completed/(never begun), agent_completed/(open call)',
    );
    const unnamed = edited(caseOf(alice), 'tool_executing', { call_id: null });
    expect(finding(theFiveEventsArriveInOrder, unnamed)).toBe(
      'tool_executing/(no call), tool_completed/(never begun)',
    );
  });

  it('breaks by events of an agent that is not at work, and by an answer while one is', () => {
    const renumbered = (drafts: readonly EventDraft[]): EventDraft[] => {
      let sequence = 0;
      return drafts.map((draft) => {
        const frame = frameOf(draft);
        if (frame?.sequence === undefined || draft.type !== 'seen') return draft;
        sequence += 1;
        return { ...draft, frame: { ...frame, sequence } };
      });
    };
    const unstarted = renumbered(caseOf(alice).toSpliced(4, 1));
    expect(finding(theFiveEventsArriveInOrder, unstarted)).toBe(
      'agent_thinking/(not at work), agent_completed/(never started)',
    );
    const drafts = caseOf(alice);
    const last = drafts.findLastIndex((draft) => frameOf(draft)?.type === 'agent_completed');
    expect(finding(theFiveEventsArriveInOrder, renumbered(drafts.toSpliced(last, 1)))).toBe(
      'run_completed/(agents at work)',
    );
    const alone = renumbered(
      unseen(
        drafts,
        'agent_started',
        'agent_thinking',
        'tool_executing',
        'tool_completed',
        'agent_completed',
      ),
    );
    expect(finding(theFiveEventsArriveInOrder, alone)).toBe('run_completed/(no agents)');
  });

  it('breaks by an event after the end', () => {
    const drafts = caseOf(alice);
    const thinking = following(drafts[indexOf(drafts, 'run_completed')], 'agent_thinking', 'data');
    expect(finding(theFiveEventsArriveInOrder, withMore(drafts, thinking))).toBe(
      'agent_thinking/(after the end), agent_thinking/(not at work)',
    );
  });
});

describe('no event is seen twice', () => {
  const drafts = caseOf(alice);
  const index = indexOf(drafts, 'agent_completed');
  const twice = drafts.toSpliced(index, 0, drafts[index] as EventDraft);

  it('holds for healthy runs and for replays that were asked for', () => {
    expect(finding(noEventIsSeenTwice, drafts)).toBe('holds');
    const resume: EventDraft = { type: 'sent', ...me, frame: { type: 'resume', run_id: 'run-1', after: 0 } };
    const events = drafts.filter((draft) => frameOf(draft)?.sequence !== undefined);
    expect(finding(noEventIsSeenTwice, withMore(drafts, resume, ...events))).toBe('holds');
    expect(finding(noEventIsSeenTwice, caseOf())).toBe('unsure: nothing to judge (not exercised)');
  });

  it('breaks by an event that comes twice, unless a fault doubled it', () => {
    expect(finding(noEventIsSeenTwice, twice)).toBe('agent_completed/(twice)');
    const doubled = fault('client<alice/run-1/agent_completed#1', { do: 'duplicate' });
    expect(finding(noEventIsSeenTwice, [doubled, ...twice])).toBe('holds');
    const other = fault('client<alice/run-2/agent_completed#1', { do: 'duplicate' });
    expect(finding(noEventIsSeenTwice, [other, ...twice])).toBe('agent_completed/(twice)');
  });

  it('breaks by an event that comes again as another, on any connection', () => {
    const again = edited([drafts[index] as EventDraft], 'agent_completed', { execution_time_ms: 99 }).map(
      (draft) => ({ ...draft, connection: 'alice-2' }) as EventDraft,
    );
    expect(finding(noEventIsSeenTwice, withMore(drafts, ...again))).toBe('agent_completed/(changed)');
  });
});

describe('every tool call is shown', () => {
  it('holds where each call is begun and ended', () => {
    expect(finding(everyToolCallIsShown, caseOf(alice, bob))).toBe('holds');
  });

  it('has nothing to judge where no tool was called', () => {
    expect(finding(everyToolCallIsShown, caseOf({ ...alice, agents: ['triage', 'reporting'] }))).toBe(
      'unsure: nothing to judge (not exercised)',
    );
  });

  it('breaks by a call that is not shown, not ended, or shown as another', () => {
    expect(finding(everyToolCallIsShown, unseen(caseOf(alice), 'tool_executing', 'tool_completed'))).toBe(
      'fetch_usage_metrics/(not begun)',
    );
    expect(finding(everyToolCallIsShown, unseen(caseOf(alice), 'tool_completed'))).toBe(
      'fetch_usage_metrics/(not ended)',
    );
    expect(
      finding(everyToolCallIsShown, edited(caseOf(alice), 'tool_executing', { tool_name: 'other' })),
    ).toBe('fetch_usage_metrics/(misnamed)');
  });

  it('lets the failure of the agent end its calls', () => {
    const failed = edited(
      unseen(caseOf(alice), 'tool_completed').filter(
        (draft) => frameOf(draft)?.type !== 'agent_completed' || frameOf(draft)?.agent_name === 'data',
      ),
      'agent_completed',
      { status: 'failed' },
    );
    expect(finding(everyToolCallIsShown, failed)).toBe('holds');
  });

  it('judges the log where the user could not see all, and nothing where neither is known', () => {
    const drop = fault('client<alice/run-1/tool_completed#1', { do: 'drop' });
    const missed = [drop, ...unseen(caseOf(alice), 'tool_completed')];
    expect(finding(everyToolCallIsShown, missed)).toBe('holds');
    expect(finding(everyToolCallIsShown, unstored(missed, 'tool_completed'))).toBe(
      'fetch_usage_metrics/(not ended)',
    );
    // The store has lost what came before: what it held of the call is not known.
    const beginning = ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed'];
    expect(finding(everyToolCallIsShown, unstored(unseen(missed, ...beginning), ...beginning))).toBe(
      'unsure: nothing to judge (not exercised)',
    );
    const unknown = missed.filter(({ type }) => type !== 'stored');
    expect(finding(everyToolCallIsShown, unknown)).toBe('unsure: nothing to judge (not exercised)');
  });
});
