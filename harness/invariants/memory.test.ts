import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { everyRefusalIsExplained } from './every-refusal-is-explained.ts';
import { caseOf, type HandRun, historyOf } from './hand-history.ts';
import { noRunHoldsMoreThanItMay } from './no-run-holds-more-than-it-may.ts';
import { noRunIsTakenOnWithoutMemory } from './no-run-is-taken-on-without-memory.ts';

const alice: HandRun = { user: 'alice', run: 'run-1' };
const bounds = { runMs: 20_000, runBytes: 1_000, processBytes: 500 };

function bounded(drafts: readonly EventDraft[], promised: object = bounds): EventDraft[] {
  return drafts.map((draft) =>
    draft.type === 'case-started' ? { ...draft, bounds: promised as typeof draft.bounds } : draft,
  );
}

type Timed = EventDraft & { readonly at?: number };

function found(invariant: Invariant, drafts: readonly Timed[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

/** The events with these put in behind the first that matches. */
function behind(drafts: readonly Timed[], type: string, ...more: Timed[]): Timed[] {
  const at = drafts.findIndex((draft) => draft.type === type) + 1;
  return [...drafts.slice(0, at), ...more, ...drafts.slice(at)];
}

function swell(bytes: number, whose = 'alice/run-1'): EventDraft {
  const message = `tool<${whose}/fetch_usage_metrics#1`;
  return {
    type: 'fault-fired',
    actor: 'faults',
    fault: 0,
    name: 'swell tool',
    message,
    fate: { do: 'swell', bytes },
  };
}

function memory(bytes: number): EventDraft {
  return { type: 'measured', actor: 'world', what: 'memory', process: 'pipeline', bytes };
}

describe('no run holds more than it may', () => {
  it('breaks where a run that was given too much goes on to an answer', () => {
    const drafts = bounded(caseOf(alice));
    expect(found(noRunHoldsMoreThanItMay, behind(drafts, 'sent', swell(1_001)))).toEqual([
      'run/(over its memory)',
    ]);
    expect(found(noRunHoldsMoreThanItMay, behind(drafts, 'sent', swell(1_000)))).toEqual([]);
  });

  it('asks each run that was given too much', () => {
    const both = bounded(caseOf(alice, { user: 'bob', run: 'run-1' }));
    const given = behind(both, 'sent', swell(1_001), swell(1_001, 'bob/run-1'), swell(1_001, 'eve/run-9'));
    expect(noRunHoldsMoreThanItMay.check(historyOf(given))).toMatchObject({ checked: 2 });
  });

  it('holds where it ended in an error, and is unsure where nothing was given or nothing promised', () => {
    const failed = bounded(caseOf({ ...alice, failing: { reporting: { code: 'RUN_MEMORY_LIMIT' } } }));
    expect(found(noRunHoldsMoreThanItMay, behind(failed, 'sent', swell(5_000)))).toEqual([]);
    expect(found(noRunHoldsMoreThanItMay, bounded(caseOf(alice)))).toEqual(['unsure: nothing to judge']);
    const unpromised = behind(caseOf(alice), 'sent', swell(5_000));
    expect(found(noRunHoldsMoreThanItMay, unpromised)).toEqual(['unsure: nobody promised a bound']);
  });
});

describe('no run is taken on without memory', () => {
  const drafts = bounded(caseOf(alice));

  it('breaks where a run was asked for and taken on within a shortage', () => {
    expect(found(noRunIsTakenOnWithoutMemory, behind(drafts, 'case-started', memory(501)))).toEqual([
      'run_accepted/(without memory)',
    ]);
  });

  it('counts nothing that was on its way when the shortage began or ended', () => {
    expect(found(noRunIsTakenOnWithoutMemory, behind(drafts, 'sent', memory(501)))).toEqual([
      'unsure: nothing to judge',
    ]);
    const over = behind(behind(drafts, 'case-started', memory(501)), 'sent', memory(500));
    expect(found(noRunIsTakenOnWithoutMemory, over)).toEqual(['unsure: nothing to judge']);
  });

  it('tells one shortage from the next, and each run in each', () => {
    const [bobs, eves] = [caseOf({ user: 'bob', run: 'run-1' }), caseOf({ user: 'eve', run: 'run-1' })];
    const [over, under] = [memory(501), memory(500)];
    const inner = (whole: EventDraft[]): EventDraft[] => whole.slice(1, -1);
    const later = [...inner(bobs), under, ...inner(caseOf(alice)), over, ...inner(eves)];
    const judged = historyOf(behind(bounded(caseOf()), 'case-started', over, ...later));
    expect(noRunIsTakenOnWithoutMemory.check(judged)).toMatchObject({
      checked: 2,
      verdict: { is: 'broken' },
    });
    const calm = historyOf(
      behind(bounded(caseOf()), 'case-started', over, under, ...later.slice(bobs.length - 1)),
    );
    expect(noRunIsTakenOnWithoutMemory.check(calm)).toMatchObject({ checked: 1 });
  });

  it('holds where it was refused, and is unsure about two gateways', () => {
    expect(found(noRunIsTakenOnWithoutMemory, refusedWithin(memory(501)))).toEqual([]);
    const second: EventDraft = {
      type: 'process-started',
      actor: 'world',
      process: 'pipeline-2',
      instance: 2,
    };
    expect(found(noRunIsTakenOnWithoutMemory, behind(drafts, 'case-started', second, memory(501)))).toEqual([
      'unsure: two gateways serve, and either may have taken a run on',
    ]);
  });
});

describe('a refusal for memory is explained', () => {
  it('by a shortage that was measured, and that is not long over', () => {
    expect(found(everyRefusalIsExplained, refusedWithin(memory(501)))).toEqual([]);
    expect(found(everyRefusalIsExplained, refusedWithin(memory(499)))).toEqual(['error/OVERLOADED']);
    const past = [
      { ...memory(501), at: 1 },
      { ...memory(1), at: 2 },
    ] as Timed[];
    const late = refusedWithin(...past).map(
      (draft): Timed => (draft.type === 'sent' ? { ...draft, at: 5_000 } : draft),
    );
    expect(found(everyRefusalIsExplained, late)).toEqual(['error/OVERLOADED']);
  });

  it('from the fault on that brings the shortage, which is measured when it is full', () => {
    const fills: EventDraft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'fill-memory',
      message: 'client>alice/run-1/start_agent#1',
      fate: { do: 'fill-memory', bytes: 400, ms: 10 },
    };
    expect(found(everyRefusalIsExplained, behind(refusedWithin(fills), 'seen', memory(501)))).toEqual([]);
    expect(found(everyRefusalIsExplained, behind(refusedWithin(fills), 'seen', memory(499)))).toEqual([
      'error/OVERLOADED',
    ]);
  });

  it('by what the same run was given, where that was much', () => {
    const failing = { data: { code: 'RUN_MEMORY_LIMIT' }, reporting: { code: 'RUN_MEMORY_LIMIT' } };
    const failed = bounded(caseOf({ ...alice, failing }));
    expect(found(everyRefusalIsExplained, behind(failed, 'sent', swell(900)))).toEqual([]);
    expect(found(everyRefusalIsExplained, behind(failed, 'sent', swell(10)))).not.toEqual([]);
    expect(found(everyRefusalIsExplained, behind(failed, 'sent', swell(900, 'bob/run-1')))).not.toEqual([]);
    const otherwise = bounded(caseOf({ ...alice, failing: { data: { code: 'AGENT_FAILED' } } }));
    expect(found(everyRefusalIsExplained, behind(otherwise, 'sent', swell(900)))).not.toEqual([]);
  });
});

/** A start that is answered by OVERLOADED, behind these measures. */
function refusedWithin(...measures: Timed[]): Timed[] {
  const frame: Json = { type: 'error', code: 'OVERLOADED', run_id: 'run-1' };
  const [start] = caseOf(alice).filter(({ type }) => type === 'sent');
  const whole = bounded(caseOf());
  if (start === undefined || start.type !== 'sent') throw new Error('nothing was sent');
  const { user, connection } = start;
  return behind(
    whole,
    'case-started',
    ...measures,
    { type: 'connection-opened', actor: 'user:alice', user, connection },
    start,
    { type: 'seen', actor: 'user:alice', user, connection, frame },
  );
}
