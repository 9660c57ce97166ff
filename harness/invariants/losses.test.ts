import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { confirmationsAreTrue } from './confirmations-are-true.ts';
import { caseOf, historyOf } from './hand-history.ts';
import { noEventIsLostSilently } from './no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from './no-event-is-seen-twice.ts';
import { theFiveEventsArriveInOrder } from './the-five-events-arrive-in-order.ts';

type Timed = EventDraft & { readonly at?: number };
const me = { actor: 'user:alice', user: 'alice', connection: 'alice-1' } as const;
const run = { user: 'alice', run: 'run-1' } as const;
const gaveUp = { type: 'gave-up', actor: me.actor, ...run, afterMs: 30_000 } as const;
const whole = caseOf(run);

function finding(invariant: Invariant, drafts: readonly Timed[]): string {
  const { verdict, coverage } = invariant.check(historyOf(drafts));
  if (verdict.is === 'broken') return verdict.violations.map(({ place }) => place).join(', ');
  return verdict.is === 'unsure' ? `unsure: ${verdict.why} (${coverage})` : 'holds';
}

const isOf = (draft: EventDraft, ...types: string[]): boolean =>
  draft.type === 'seen' && types.includes((draft.frame as { type: string }).type);
const unseen = (...types: string[]): EventDraft[] => whole.filter((draft) => !isOf(draft, ...types));

/** Puts events after all that was seen, before the user leaves. */
function then(drafts: readonly EventDraft[], ...more: Timed[]): Timed[] {
  const index = drafts.findIndex(({ type }) => type === 'connection-closed');
  return [...drafts.slice(0, index), ...more, ...drafts.slice(index)];
}

function told(frame: { readonly [key: string]: Json }): EventDraft {
  return { type: 'seen', ...me, frame: { ...frame, run_id: 'run-1' } };
}

function cut(at: number): Timed {
  const fate = { do: 'cut', when: 'after' };
  const message = 'client<alice/run-1/agent_thinking#1';
  return { type: 'fault-fired', actor: 'faults', fault: 0, name: 'cut', message, fate, at };
}

describe('no event is lost silently', () => {
  it('holds where all came, or a loss was owned up to', () => {
    expect(finding(noEventIsLostSilently, whole)).toBe('holds');
    const lost = told({ type: 'events_lost', after: 0, available_from: 3 });
    const first = whole.filter(
      (draft) => draft.type !== 'seen' || Number((draft.frame as { sequence?: number }).sequence ?? 9) > 2,
    );
    expect(finding(noEventIsLostSilently, then(first, lost, { ...gaveUp, at: 30_000 }))).toBe('holds');
    const failed = told({ type: 'error', code: 'STORE_UNAVAILABLE' });
    expect(
      finding(noEventIsLostSilently, then(unseen('run_completed'), failed, { ...gaveUp, at: 30_000 })),
    ).toBe('holds');
  });

  it('breaks where a user waited in calm for what lies in the log', () => {
    const waiting = then(unseen('run_completed'), { ...gaveUp, at: 30_000 });
    expect(finding(noEventIsLostSilently, waiting)).toBe('run_completed/(lost silently)');
    const long = then(unseen('run_completed'), cut(5_000), { ...gaveUp, at: 30_000 });
    expect(finding(noEventIsLostSilently, long)).toBe('run_completed/(lost silently)');
  });

  it('breaks where it came at last, when the user had waited in vain', () => {
    const late = whole.find((draft) => isOf(draft, 'run_completed')) as EventDraft;
    const waiting = then(unseen('run_completed'), { ...gaveUp, at: 30_000 }, { ...late, at: 31_000 });
    expect(finding(noEventIsLostSilently, waiting)).toBe('run_completed/(lost silently)');
  });

  it('does not count what a storm may have taken, or nobody waited for', () => {
    const stormy = then(unseen('run_completed'), cut(25_000), { ...gaveUp, at: 30_000 });
    expect(finding(noEventIsLostSilently, stormy)).toBe('holds');
    expect(finding(noEventIsLostSilently, unseen('run_completed'))).toBe('holds');
  });

  it('breaks where a user asked for it in vain', () => {
    const resume = (at: number): Timed => ({
      type: 'sent',
      ...me,
      frame: { type: 'resume', run_id: 'run-1', after: 0 },
      at,
    });
    const pong: Timed = { ...told({ type: 'pong' }), at: 7_000 };
    expect(finding(noEventIsLostSilently, then(unseen('agent_thinking'), resume(5_000), pong))).toBe(
      'agent_thinking/(lost silently)',
    );
    expect(
      finding(noEventIsLostSilently, then(unseen('agent_thinking'), resume(5_000), cut(5_500), pong)),
    ).toBe('holds');
    expect(finding(noEventIsLostSilently, then(unseen('agent_thinking'), resume(6_900), pong))).toBe('holds');
  });

  it('has nothing to judge without a log', () => {
    expect(
      finding(
        noEventIsLostSilently,
        whole.filter(({ type }) => type !== 'stored'),
      ),
    ).toBe('unsure: nothing to judge (not exercised)');
  });
});

describe('confirmations are true', () => {
  const confirmed = (sequence: number): EventDraft => ({
    type: 'confirmed',
    actor: me.actor,
    ...run,
    sequence,
  });
  const later: Timed = { ...told({ type: 'pong' }), at: 9_000 };
  const counting = (count: number, ...more: Timed[]): Timed[] => [
    ...then(whole, ...more),
    {
      type: 'stored',
      actor: 'redis',
      store: 'redis',
      key: 'k',
      road: 'delivery',
      ...run,
      json: { confirmed: count },
      expires: true,
    },
  ];

  it('holds where as much counts as was confirmed', () => {
    expect(finding(confirmationsAreTrue, counting(4, confirmed(2), confirmed(4), later))).toBe('holds');
    expect(finding(confirmationsAreTrue, counting(0))).toBe('holds');
  });

  it('breaks where more counts, or less', () => {
    expect(finding(confirmationsAreTrue, counting(5, confirmed(4), later))).toBe(
      'confirmed/(never confirmed)',
    );
    expect(finding(confirmationsAreTrue, counting(0, confirmed(4), later))).toBe('confirmed/(not counted)');
  });

  it('does not count a confirmation that may never have arrived', () => {
    expect(finding(confirmationsAreTrue, counting(0, confirmed(4)))).toBe('holds');
    expect(finding(confirmationsAreTrue, counting(0, cut(50), confirmed(4), later))).toBe('holds');
  });

  it('has nothing to judge where nothing was written down', () => {
    expect(finding(confirmationsAreTrue, whole)).toBe('unsure: nothing to judge (not exercised)');
  });
});

describe('an event that comes again', () => {
  const again = (at: number): Timed => ({
    ...(whole.find((draft) => isOf(draft, 'agent_started')) as EventDraft),
    at,
  });
  const confirmed: Timed = { type: 'confirmed', actor: me.actor, ...run, sequence: 1, at: 500 };

  it('is fine where nobody confirmed it for a while', () => {
    expect(finding(noEventIsSeenTwice, then(whole, again(2_000)))).toBe('holds');
    expect(finding(theFiveEventsArriveInOrder, then(whole, again(2_000)))).toBe('holds');
  });

  it('is fine where something kept the confirmation from the server, on that connection', () => {
    const swallowed = (message: string, swallows: string): Timed => ({
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'half-open client',
      message,
      fate: { do: 'half-open', swallows },
      at: 400,
    });
    const asking = 'client>alice/run-1/event_confirmation#1';
    const kept = swallowed(asking, 'this');
    expect(finding(noEventIsSeenTwice, then(whole, kept, confirmed, again(2_000)))).toBe('holds');
    expect(finding(noEventIsSeenTwice, then(whole, kept, confirmed, again(450)))).toBe(
      'agent_started/(twice)',
    );
    const answering = 'client<alice/run-1/agent_thinking#1';
    const both = swallowed(answering, 'both');
    expect(finding(noEventIsSeenTwice, then(whole, both, confirmed, again(2_000)))).toBe('holds');
    const before: Timed[] = [{ ...kept, at: 0 }, ...then(whole, confirmed, again(2_000))];
    for (const innocent of [swallowed(answering, 'this'), swallowed(asking.replace('alice', 'bob'), 'both')])
      expect(finding(noEventIsSeenTwice, then(whole, innocent, confirmed, again(2_000)))).toBe(
        'agent_started/(twice)',
      );
    expect(finding(noEventIsSeenTwice, before)).toBe('agent_started/(twice)');
  });

  it('is fine only as long as what was late may not have come, and without end where it was lost', () => {
    const meets = (fate: { readonly [key: string]: Json }): Timed => ({
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'of a request',
      message: 'client>alice/run-1/event_confirmation#1',
      fate,
      at: 400,
    });
    const judged = (fault: Timed): string =>
      finding(noEventIsSeenTwice, then(whole, fault, confirmed, again(2_000)));
    for (const does of ['delay', 'stall']) {
      expect(judged(meets({ do: does, ms: 1 }))).toBe('agent_started/(twice)');
      expect(judged(meets({ do: does, ms: 1_099 }))).toBe('agent_started/(twice)');
      expect(judged(meets({ do: does, ms: 1_100 }))).toBe('holds');
    }
    expect(judged(meets({ do: 'hold', atMostMs: 1_000 }))).toBe('agent_started/(twice)');
    expect(judged(meets({ do: 'hold', atMostMs: 1_100 }))).toBe('holds');
    expect(judged(meets({ do: 'reorder' }))).toBe('agent_started/(twice)');
    for (const does of ['drop', 'cut', 'garble', 'half-open'])
      expect(judged(meets({ do: does }))).toBe('holds');
    const waits = { actor: 'faults', message: 'client>alice/run-1/start_agent#1', constraint: 0 } as const;
    const constraint = (atMostMs: number): Timed => ({
      ...waits,
      type: 'constraint-holds',
      atMostMs,
      at: 400,
    });
    expect(judged(constraint(1_000))).toBe('agent_started/(twice)');
    expect(judged(constraint(1_100))).toBe('holds');
  });

  it('counts from when it may have been sent, where something held it up on its way', () => {
    const stalls = (ms: number, user = 'alice'): Timed => ({
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'stall client',
      message: `client<${user}/run-1/run_accepted#1`,
      fate: { do: 'stall', ms },
      at: 0,
    });
    const late = (draft: EventDraft): Timed => ({ ...draft, at: 1_900 });
    const held = (stall: Timed): Timed[] => [stall, ...then(whole, again(1_950)).map(late)];
    expect(finding(noEventIsSeenTwice, held(stalls(1_800)))).toBe('holds');
    expect(finding(noEventIsSeenTwice, held(stalls(1_000)))).toBe('agent_started/(twice)');
    expect(finding(noEventIsSeenTwice, held(stalls(1_800, 'bob')))).toBe('agent_started/(twice)');
  });

  it('breaks where it came at once, or was confirmed', () => {
    expect(finding(noEventIsSeenTwice, then(whole, again(100)))).toBe('agent_started/(twice)');
    expect(finding(noEventIsSeenTwice, then(whole, confirmed, again(2_000)))).toBe('agent_started/(twice)');
  });
});
