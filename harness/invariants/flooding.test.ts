import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { everyRefusalIsExplained } from './every-refusal-is-explained.ts';
import { caseOf, historyOf } from './hand-history.ts';
import { whoFloodsIsToldSo } from './who-floods-is-told-so.ts';

const connection = { user: 'alice', connection: 'alice-1' };
const client = { actor: 'user:alice', ...connection };

function places(invariant: Invariant, drafts: readonly EventDraft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

/** Ten at once, then one in a second; each event comes a millisecond after the one before it. */
const [started, ...rest] = caseOf({ user: 'alice', run: 'run-1' }).map(
  (draft): EventDraft =>
    draft.type === 'case-started'
      ? { ...draft, bounds: { ...draft.bounds, messageBurst: 10, messagesPerSecond: 1 } }
      : draft,
);

function saying(count: number, ...then: EventDraft[]): EventDraft[] {
  const pings = Array.from({ length: count }, (): EventDraft => {
    return { type: 'sent', ...client, frame: { type: 'ping' } };
  });
  // After the run and before the end.
  return [started as EventDraft, ...rest.slice(0, -1), ...pings, ...then, ...rest.slice(-1)];
}

function error(code: string, more: { [key: string]: Json } = {}): EventDraft {
  return { type: 'seen', ...client, frame: { type: 'error', code, ...more } };
}

const closed: EventDraft = {
  type: 'connection-closed',
  ...client,
  code: 1008,
  reason: 'RATE_LIMITED',
  by: 'other',
};

describe('who says too much', () => {
  const check = (...drafts: EventDraft[]) => places(everyRefusalIsExplained, drafts);

  it('is refused with a reason: an error, one of a run, or the end of the connection', () => {
    const limited = error('RATE_LIMITED');
    expect(check(...saying(15, limited))).toEqual([]);
    expect(check(...saying(15, error('RATE_LIMITED', { run_id: 'run-1' })))).toEqual([]);
    expect(check(...saying(15, closed))).toEqual([]);
  });

  it('is a reason for nothing else, and no reason before it was said', () => {
    expect(check(...saying(15, error('SERVICE_NOT_READY')))).toEqual(['error/SERVICE_NOT_READY']);
    expect(check(...saying(2, error('RATE_LIMITED')))).toEqual(['error/RATE_LIMITED']);
    expect(check(...saying(2, closed))).toEqual(['connection/closed/1008']);
    const early = saying(15);
    early.splice(4, 0, error('RATE_LIMITED'));
    expect(check(...early)).toEqual(['error/RATE_LIMITED']);
    const bobs = { ...error('RATE_LIMITED'), user: 'bob' } as EventDraft;
    expect(check(...saying(15, bobs))).toEqual(['error/RATE_LIMITED']);
  });
});

describe('who floods is told so', () => {
  const check = (...drafts: EventDraft[]) => places(whoFloodsIsToldSo, drafts);

  it('holds where an error or the end of the connection says so', () => {
    expect(check(...saying(40, error('RATE_LIMITED')))).toEqual([]);
    expect(check(...saying(40, closed))).toEqual([]);
  });

  it('breaks where all is taken', () => {
    expect(check(...saying(40))).toEqual(['connection/(flooded)']);
    expect(check(...saying(40, error('MESSAGE_MALFORMED')))).toEqual(['connection/(flooded)']);
  });

  it('has nothing to judge where nobody says too much, or hardly, or a fault met the connection', () => {
    const nothing = ['unsure: nothing to judge'];
    expect(check(...saying(5))).toEqual(nothing);
    expect(check(...saying(18))).toEqual(nothing);
    expect(check(...caseOf({ user: 'alice', run: 'run-1' }))).toEqual(nothing);
    const cut: EventDraft = {
      type: 'fault-fired',
      actor: 'faults',
      message: 'client>alice/-/ping#3',
      fault: 0,
      name: 'cut client',
      fate: { do: 'cut', when: 'before' },
    };
    expect(check(...saying(40, cut))).toEqual(nothing);
  });
});
