import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { eventsOf } from './history.ts';
import type { ManualClock } from './manual-clock.ts';
import type { MessageDraft } from './message.ts';
import type { ProcessFate, ProcessFault } from './process-fault.ts';
import { stagedPlay } from './staged-play.fixture.ts';

const request: MessageDraft = {
  wire: 'redis',
  direction: 'request',
  user: 'alice',
  run: 'run-1',
  kind: 'set.state',
};
const reply: MessageDraft = { ...request, direction: 'reply' };
const other: MessageDraft = { wire: 'model', direction: 'request', user: 'bob', run: 'run-2', kind: 'data' };

describe('names and fates', () => {
  it('counts as it meets', () => {
    const { director } = play({});
    expect([
      director.meet(request).message.name,
      director.meet(request).message.name,
      director.meet(reply).message.name,
    ]).toEqual([
      'redis>alice/run-1/set.state#1',
      'redis>alice/run-1/set.state#2',
      'redis<alice/run-1/set.state#1',
    ]);
  });

  it('gives the fate of the first fault that matches, to the message that it names alone', () => {
    const { director, history } = play({
      faults: [
        { at: { wire: 'redis', kind: 'set.state', count: 2 }, fate: { do: 'drop' } },
        { at: { wire: 'redis', kind: 'set.state', count: 2 }, fate: { do: 'duplicate' } },
      ],
    });
    expect(director.meet(request).fate).toEqual({ do: 'pass' });
    const second = director.meet(request);
    expect(second.fate).toEqual({ do: 'drop' });
    second.fired();
    expect(eventsOf(history(), 'fault-fired')).toMatchObject([
      { fault: 0, name: 'drop redis', message: 'redis>alice/run-1/set.state#2', fate: { do: 'drop' } },
    ]);
  });

  it('gives no fate that does not fit the wire and direction', () => {
    const { director } = play({ faults: [{ at: { wire: 'redis' }, fate: { do: 'garble' } }] });
    expect(director.meet(request).fate).toEqual({ do: 'pass' });
  });

  it('waits for the message that a fault comes after', () => {
    const { director } = play({
      faults: [{ at: { wire: 'redis' }, after: { wire: 'model', kind: 'data' }, fate: { do: 'drop' } }],
    });
    expect(director.meet(request).fate).toEqual({ do: 'pass' });
    const awaited = director.meet(other);
    expect(director.meet(request).fate).toEqual({ do: 'pass' });
    director.passed(awaited.message);
    expect(director.meet(request).fate).toEqual({ do: 'drop' });
  });
});

describe('waiting', () => {
  it('lets a message go at once where nothing is planned', () => {
    const { director, clock } = play({});
    expect(wentAt(director.meet(request), clock)()).toBe(0);
  });

  it('delays', () => {
    const { director, clock, history } = play({
      faults: [{ at: { wire: 'redis' }, fate: { do: 'delay', ms: 30 } }],
    });
    const went = wentAt(director.meet(request), clock);
    clock.advance(29);
    expect(went()).toBeNull();
    clock.advance(1);
    expect(went()).toBe(30);
    expect(eventsOf(history(), 'fault-fired').map(({ name }) => name)).toEqual(['delay redis']);
  });

  it('holds until the other message has passed, and not before what passed it is done', () => {
    const { director, clock } = play({
      faults: [{ at: { wire: 'redis' }, fate: { do: 'hold', until: { wire: 'model' }, atMostMs: 500 } }],
    });
    const went = wentAt(director.meet(request), clock);
    clock.advance(100);
    director.passed(director.meet(other).message);
    expect(went()).toBeNull();
    clock.advance(0);
    expect(went()).toBe(100);
    expect(clock.waiting).toBe(0);
  });

  it('holds no longer than it may', () => {
    const { director, clock } = play({
      faults: [{ at: { wire: 'redis' }, fate: { do: 'hold', until: { wire: 'model' }, atMostMs: 500 } }],
    });
    const went = wentAt(director.meet(request), clock);
    clock.advance(500);
    expect(went()).toBe(500);
    director.passed(director.meet(other).message);
    clock.advance(0);
    expect(went()).toBe(500);
  });

  it('does not hold for what has passed before', () => {
    const { director, clock } = play({
      faults: [{ at: { wire: 'redis' }, fate: { do: 'hold', until: { wire: 'model' }, atMostMs: 500 } }],
    });
    director.passed(director.meet(other).message);
    expect(wentAt(director.meet(request), clock)()).toBe(0);
  });

  it('records a constraint as met', () => {
    const { director, clock, history } = play({
      schedule: [{ hold: { wire: 'redis', count: 1 }, until: { wire: 'model' }, atMostMs: 500 }],
    });
    const went = wentAt(director.meet(request), clock);
    director.passed(director.meet(other).message);
    clock.advance(0);
    expect(went()).toBe(0);
    expect(eventsOf(history(), 'constraint-met')).toMatchObject([
      { constraint: 0, message: 'redis>alice/run-1/set.state#1' },
    ]);
  });

  it('holds a message until each of its constraints allows it', () => {
    const { director, clock, history } = play({
      schedule: [
        { hold: { wire: 'redis' }, until: { wire: 'model' }, atMostMs: 500 },
        { hold: { wire: 'tool' }, until: { wire: 'model' }, atMostMs: 500 },
        { hold: { wire: 'redis' }, until: { wire: 'agent' }, atMostMs: 300 },
      ],
    });
    const went = wentAt(director.meet(request), clock);
    clock.advance(100);
    director.passed(director.meet(other).message);
    clock.advance(299);
    expect(went()).toBeNull();
    clock.advance(1);
    expect(went()).toBe(400);
    expect(eventsOf(history(), 'constraint-met').map(({ constraint }) => constraint)).toEqual([0]);
    expect(eventsOf(history(), 'constraint-expired').map(({ constraint }) => constraint)).toEqual([2]);
  });

  it('records a constraint as expired', () => {
    const { director, clock, history } = play({
      schedule: [{ hold: { wire: 'redis', count: 1 }, until: { wire: 'model' }, atMostMs: 500 }],
    });
    const went = wentAt(director.meet(request), clock);
    clock.advance(500);
    expect(went()).toBe(500);
    expect(eventsOf(history(), 'constraint-holds')).toMatchObject([{ constraint: 0, at: 0, atMostMs: 500 }]);
    expect(eventsOf(history(), 'constraint-expired')).toMatchObject([{ constraint: 0, at: 500 }]);
  });
});

describe('causes', () => {
  it('names the request as the cause of its reply', () => {
    const { director, history } = play({});
    const seq = director.passed(director.meet(request).message, 10);
    director.passed(director.meet(reply).message, 5);
    expect(eventsOf(history(), 'passed')).toMatchObject([
      { seq, message: 'redis>alice/run-1/set.state#1', bytes: 10 },
      { message: 'redis<alice/run-1/set.state#1', bytes: 5, parent: seq },
    ]);
  });

  it('names what last reached the pipeline of a run as the cause of what the pipeline sends for it', () => {
    const { director, history } = play({});
    const start = {
      wire: 'client',
      direction: 'request',
      user: 'alice',
      run: 'run-1',
      kind: 'start_agent',
    } as const;
    const seq = director.passed(director.meet(start).message);
    director.passed(director.meet(request).message);
    expect(eventsOf(history(), 'passed')[1]?.parent).toBe(seq);
  });
});

describe('poison', () => {
  const at = { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 } as const;

  it('belongs to the reply that it names, and is numbered after the faults', () => {
    const { director, history } = play({
      faults: [{ at: { wire: 'redis' }, fate: { do: 'drop' } }],
      contaminations: [{ at, path: ['metrics'], recipe: 'function' }],
    });
    const draft = { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data' } as const;
    expect(director.poisonFor(director.meet({ ...draft, direction: 'request' }).message)).toEqual([]);
    const { message } = director.meet({ ...draft, direction: 'reply' });
    expect(director.poisonFor(message)).toMatchObject([{ index: 0, contamination: { recipe: 'function' } }]);
    director.poisoned(message, 0);
    expect(eventsOf(history(), 'fault-fired')).toMatchObject([{ fault: 1, name: 'contaminate agent' }]);
  });
});

describe('what befalls processes', () => {
  const stall: ProcessFault = {
    at: { wire: 'redis', direction: 'request', kind: 'set.state' },
    after: { wire: 'model' },
    fate: { do: 'stall-redis', ms: 20 },
  };

  function carrier(whyNot: string | null) {
    const begun: { fate: ProcessFate; ended: () => void }[] = [];
    return {
      begun,
      whyNot: () => whyNot,
      carryOut: (fate: ProcessFate, ended: () => void) => begun.push({ fate, ended }),
    };
  }

  it('comes once, after the messages that bring it on have passed, and is numbered last', () => {
    const processes = carrier(null);
    const faults: Case['faults'] = [{ at: { wire: 'agent' }, fate: { do: 'drop' } }];
    const { director, clock, recorder } = stagedPlay({ faults, process: [stall] }, processes);
    const pass = (draft: MessageDraft): number => director.passed(director.meet(draft).message);
    pass(request);
    pass(other);
    clock.advance(0);
    expect(processes.begun).toEqual([]);
    pass(request);
    expect(processes.begun).toEqual([]);
    clock.advance(0);
    pass(request);
    clock.advance(0);
    expect(processes.begun.map(({ fate }) => fate)).toEqual([stall.fate]);
    processes.begun[0]?.ended();
    const about = { fault: 1, name: 'stall-redis', message: 'redis>alice/run-1/set.state#2' };
    expect(eventsOf(recorder.history(), 'fault-fired')).toMatchObject([{ ...about, fate: stall.fate }]);
    expect(eventsOf(recorder.history(), 'fault-ended')).toMatchObject([about]);
  });

  it('never comes where it cannot be played', () => {
    const processes = carrier('there is no such process');
    const { director, clock, recorder } = stagedPlay({ process: [stall] }, processes);
    for (const draft of [other, request]) director.passed(director.meet(draft).message);
    clock.advance(0);
    expect(processes.begun).toEqual([]);
    expect(eventsOf(recorder.history(), 'fault-fired')).toEqual([]);
  });
});

function play(plan: Partial<Pick<Case, 'faults' | 'contaminations' | 'schedule'>>) {
  const { clock, recorder, director } = stagedPlay(plan);
  return { director, clock, history: () => recorder.history() };
}

function wentAt(meeting: { whenDue(go: () => void): void }, clock: ManualClock): () => number | null {
  let at: number | null = null;
  meeting.whenDue(() => {
    at = clock.now();
  });
  return () => at;
}
