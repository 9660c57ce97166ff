import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { aBrokenStartIsRefusedByName } from './a-broken-start-is-refused-by-name.ts';
import { doomedRunsAreRefusedAtOnce } from './doomed-runs-are-refused-at-once.ts';
import { everyRefusalIsExplained } from './every-refusal-is-explained.ts';
import { historyOf } from './hand-history.ts';

type Draft = EventDraft & { readonly at?: number };

const pipeline = { actor: 'world', process: 'pipeline', instance: 1 };
const visit = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };

function begun(startup?: { environment: string; degraded: boolean }, promises = true): Draft {
  return {
    type: 'case-started',
    actor: 'world',
    scenario: 'by-hand/startup',
    seed: 1,
    world: 'simulated',
    planned: { asks: [], faults: 0, contaminations: 0 },
    ...(startup === undefined ? {} : { startup }),
    bounds: { runMs: 20_000, ...(promises ? { startMs: 1_000, knownMs: 1_000, refusedMs: 110 } : {}) },
    at: 0,
  };
}

function lack(dependency: string, fault = 0): Draft {
  const fate = { do: 'lack', dependency, state: 'missing' };
  return { type: 'fault-fired', actor: 'faults', fault, name: `lack ${dependency}`, fate, at: 1 };
}

const over = (at: number, fault = 0): Draft => ({
  type: 'fault-ended',
  actor: 'faults',
  fault,
  name: 'x',
  at,
});
const started: Draft = { type: 'process-started', ...pipeline, at: 2 };
const ended: Draft = { type: 'case-ended', actor: 'world', reason: 'quiet', at: 60_000 };
const refused = (...names: string[]): Draft => ({ type: 'start-refused', ...pipeline, names, at: 1_500 });
const exited = (cause: 'refused' | 'crashed' | 'asked', at = 1_501): Draft => ({
  type: 'process-exited',
  ...pipeline,
  cause,
  code: '3',
  at,
});
const ready = (status: number, body: Json): Draft => ({
  type: 'health',
  actor: 'world',
  probe: 'ready',
  status,
  body,
  at: 50_000,
});

function seen(frame: Json, at: number): Draft {
  return { type: 'seen', ...visit, frame, at };
}

function finding(invariant: Invariant, ...drafts: Draft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : ['holds'];
}

describe('a broken start is refused by name', () => {
  const check = (...drafts: Draft[]): string[] => finding(aBrokenStartIsRefusedByName, begun(), ...drafts);
  const welcome = seen({ type: 'connection_established' }, 3_000);

  it('holds where the process names all that it lacks, and ends', () => {
    expect(
      check(lack('redis'), lack('model', 1), started, refused('redis', 'model'), exited('refused'), ended),
    ).toEqual(['holds']);
  });

  it('breaks where one of them is not named, or none', () => {
    expect(check(lack('redis'), lack('model', 1), started, refused('redis'), exited('refused'))).toEqual([
      'start/model',
    ]);
    expect(check(lack('redis'), started, refused(), exited('refused'))).toEqual([
      'start/(no name)',
      'start/redis',
    ]);
  });

  it('breaks where it serves, stays or dies in place of saying so', () => {
    expect(check(lack('model'), started, welcome, exited('asked', 50_000), ended)).toEqual(['start/model']);
    expect(check(lack('model'), started, exited('asked', 50_000), ended)).toEqual(['start/model']);
    expect(check(lack('model'), started, exited('crashed'), ended)).toEqual(['start/model']);
  });

  it('holds where it waits for what comes in time, breaks where it does not', () => {
    const late = [lack('model'), started, over(600)];
    expect(check(...late, refused('model'), exited('refused'))).toEqual(['start/(in time)']);
    // What is there when the process starts was never lacking.
    expect(check(lack('model'), over(1), started, welcome, ended)).toEqual(['unsure: nothing to judge']);
    expect(check(...late, welcome, exited('asked', 50_000), ended)).toEqual(['holds']);
  });

  it('holds in the degraded mode of development alone, and where /ready names what is lacking', () => {
    const development = { environment: 'development', degraded: true };
    const degraded = (startup: typeof development, ...drafts: Draft[]): string[] =>
      finding(aBrokenStartIsRefusedByName, begun(startup), lack('model'), started, ...drafts);
    const named = ready(503, { missing: [{ dependency: 'model', code: 'X' }] });
    expect(degraded(development, named, exited('asked', 50_000))).toEqual(['holds']);
    expect(degraded({ ...development, environment: 'staging' }, named, exited('asked', 50_000))).toEqual([
      'start/model',
    ]);
    expect(degraded(development, ready(200, { missing: [] }))).toEqual(['degraded/model']);
    expect(degraded(development, welcome, named)).toEqual(['degraded/(serves)']);
    expect(degraded(development)[0]).toContain('unsure: nobody asked');
  });

  it('is unsure where nothing was lacking, or nobody said how long a start waits', () => {
    expect(check(started, welcome, ended)).toEqual(['unsure: nothing to judge']);
    expect(finding(aBrokenStartIsRefusedByName, begun(undefined, false), lack('model'), started)).toEqual([
      'unsure: nobody promised for how long a start waits',
    ]);
  });
});

const asks = (at: number, run = 'run-2'): Draft => ({
  type: 'sent',
  ...visit,
  frame: { type: 'start_agent', run_id: run },
  at,
});

describe('doomed runs are refused at once', () => {
  const check = (...drafts: Draft[]): string[] => finding(doomedRunsAreRefusedAtOnce, begun(), ...drafts);
  const gone: Draft = {
    type: 'fault-fired',
    actor: 'faults',
    fault: 0,
    name: 'model-down',
    fate: { do: 'model-down', ms: 4_000 },
    at: 1_000,
  };
  const opened: Draft = { type: 'connection-opened', ...visit, at: 10 };
  const told = (
    at: number,
    code = 'PREREQUISITE_FAILED',
    message = 'Not begun. (model: no connection)',
  ): Draft => seen({ type: 'error', run_id: 'run-2', code, message }, at);
  const calls = (at: number): Draft => ({
    type: 'answered',
    actor: 'model',
    user: 'alice',
    run: 'run-2',
    agent: 'triage',
    proof: 'p',
    outcome: 'away',
    at,
  });
  const takes = (at: number): Draft => seen({ type: 'run_accepted', run_id: 'run-2' }, at);

  it('holds where the user is told in time, and nothing was spent', () => {
    expect(check(opened, gone, asks(2_500), told(2_600), over(5_000), ended)).toEqual(['holds']);
  });

  it('breaks where that comes late, or never, or after the run was taken on or a model called', () => {
    expect(check(opened, gone, asks(2_500), told(2_700), over(5_000))).toEqual(['doomed/(late)']);
    expect(check(opened, gone, asks(2_500), over(5_000), ended)).toEqual(['doomed/(no refusal)']);
    const taken = takes(2_505);
    expect(check(opened, gone, asks(2_500), taken, told(2_600), over(5_000))).toEqual(['doomed/(taken on)']);
    const call = calls(2_510);
    expect(check(opened, gone, asks(2_500), call, told(2_600), over(5_000))).toEqual(['doomed/(begun)']);
    // As it was asked for it was not refused, whatever became of it when the model was back.
    expect(check(opened, gone, asks(2_500), over(5_000), takes(5_010), calls(5_020))).toEqual([
      'doomed/(no refusal)',
    ]);
  });

  it('has no say in what becomes of the run when it is asked for again, and that is back', () => {
    const refused = [opened, gone, asks(2_500), told(2_600), over(5_000)];
    expect(check(...refused, asks(5_500), takes(5_510), calls(5_520), ended)).toEqual(['holds']);
    // Again while it is still away.
    const twice = [opened, gone, asks(2_500), told(2_600), asks(3_500)];
    expect(check(...twice, told(3_600), over(5_000), ended)).toEqual(['holds']);
    expect(check(...twice, takes(3_600), over(5_000), ended)).toEqual(['doomed/(taken on)']);
    // Before the first answer can have come: which answer is whose, nobody can tell.
    const hasty = [opened, gone, asks(2_500), asks(2_510)];
    expect(check(...hasty, told(2_600), told(2_601), over(5_000), ended)).toEqual(['holds']);
    expect(check(...hasty, over(5_000), ended)).toContain('doomed/(no refusal)');
    // One that was taken on before goes on, and is not refused.
    expect(check(opened, asks(900), takes(910), gone, asks(2_500), over(5_000))).toEqual([
      'unsure: nothing to judge',
    ]);
  });

  it('breaks where the refusal does not name what is away', () => {
    const by = (fate: string, code: string, message?: string): string[] =>
      check(
        opened,
        { ...gone, fate: { do: fate } } as Draft,
        asks(2_500),
        told(2_600, code, message),
        over(5_000),
      );
    const unnamed = ['doomed/(not named)'];
    expect(by('model-down', 'MODEL_CIRCUIT_OPEN')).toEqual(['holds']);
    expect(by('model-down', 'STORE_UNAVAILABLE')).toEqual(unnamed);
    expect(by('model-down', 'INTERNAL')).toEqual(unnamed);
    expect(by('model-down', 'PREREQUISITE_FAILED', 'Not begun. (stores: no connection)')).toEqual(unnamed);
    expect(by('model-down', 'PREREQUISITE_FAILED', 'Not begun.')).toEqual(unnamed);
    expect(by('kill-redis', 'PREREQUISITE_FAILED', 'Not begun. (stores: no connection)')).toEqual(['holds']);
    expect(by('kill-redis', 'STORE_UNAVAILABLE', 'Redis could not be reached.')).toEqual(['holds']);
    expect(by('kill-redis', 'MODEL_UNREACHABLE')).toEqual(unnamed);
    expect(by('model-down', 'RUN_LIMIT', 'Too many.')).toEqual(['unsure: nothing to judge']);
  });

  it('is unsure where nobody had to know yet, the outage was nearly over, a fault met the connection or a process died', () => {
    const nothing = ['unsure: nothing to judge'];
    expect(check(opened, gone, asks(1_900), calls(2_510), over(5_000))).toEqual(nothing);
    expect(check(opened, gone, asks(4_950), calls(4_960), over(5_000))).toEqual(nothing);
    const dies: Draft = { ...exited('crashed', 2_550), actor: 'world' };
    expect(check(opened, gone, asks(2_500), dies, over(5_000))).toEqual(nothing);
    expect(check(opened, gone, { ...dies, at: 2_499 }, asks(2_500), over(5_000))).toEqual(nothing);
    const cut: Draft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 1,
      name: 'cut client',
      message: 'client>alice/run-2/start_agent#1',
      fate: { do: 'cut', when: 'before' },
      at: 2_499,
    };
    expect(check(opened, gone, cut, asks(2_500), over(5_000))).toEqual(nothing);
    expect(
      finding(doomedRunsAreRefusedAtOnce, begun(undefined, false), gone, asks(2_500), over(5_000)),
    ).toEqual(['unsure: nobody promised within which time a run is refused']);
  });
});

describe('every refusal is explained', () => {
  const promises = begun();
  const promising: Draft =
    promises.type === 'case-started'
      ? { ...promises, bounds: { ...promises.bounds, returnMs: 5_000 } }
      : promises;
  const check = (...drafts: Draft[]): string[] => finding(everyRefusalIsExplained, ...drafts);
  const turnedAway: Draft = {
    type: 'connection-refused',
    ...visit,
    status: 503,
    code: 'SERVICE_NOT_READY',
    at: 3_000,
  };

  it('where a start is refused for what was lacking, and for nothing else', () => {
    expect(check(begun(), lack('usage'), started, refused('usage'), exited('refused'))).toEqual(['holds']);
    expect(check(begun(), lack('usage'), started, refused('redis'), exited('refused'))).toEqual([
      'process/pipeline/redis',
    ]);
    const stalled: Draft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'kill-redis',
      fate: { do: 'kill-redis', backAfterMs: 9_000, data: 'kept' },
      at: 1,
    };
    expect(check(begun(), stalled, started, refused('redis'), exited('refused'))).toEqual(['holds']);
  });

  it('breaks where a start is refused for nothing that is named, which excuses nobody', () => {
    const closed: Draft = {
      type: 'connection-closed',
      ...visit,
      code: 1006,
      reason: '',
      by: 'other',
      at: 1_600,
    };
    const opened: Draft = { type: 'connection-opened', ...visit, at: 10 };
    const never = ['connection/closed/1006', 'process/pipeline/(no name)'];
    const unnamed = [started, opened, refused(), exited('refused'), closed];
    expect(check(begun(), ...unnamed).sort()).toEqual(never);
    expect(check(begun(), lack('usage'), ...unnamed).sort()).toEqual(never);
    expect(check(begun(), started, opened, exited('refused'), closed).sort()).toEqual(never);
    const named = [started, opened, refused('model'), exited('refused'), closed];
    expect(check(begun(), ...named).sort()).toEqual(['connection/closed/1006', 'process/pipeline/model']);
    expect(check(begun(), ...named, lack('model')).sort()).toEqual([
      'connection/closed/1006',
      'process/pipeline/model',
    ]);
    expect(check(begun(), lack('model'), ...named)).toEqual(['holds']);
  });

  it('where a degraded pipeline turns everybody away, as long as it lacks something', () => {
    const development = { environment: 'development', degraded: true };
    expect(check(begun(development), lack('usage'), started, turnedAway)).toEqual(['holds']);
    const place = ['connection/refused/SERVICE_NOT_READY'];
    expect(check(begun(), lack('usage'), started, turnedAway)).toEqual(place);
    expect(check(begun(development), lack('usage'), over(5), started, turnedAway)).toEqual(place);
    expect(check(begun(development), started, turnedAway)).toEqual(place);
  });

  it('where the model was away, whichever agent asked it; not before', () => {
    const failed = (at: number): Draft =>
      seen(
        {
          type: 'agent_completed',
          run_id: 'run-1',
          agent_name: 'data',
          sequence: 1,
          payload: { status: 'failed', code: 'MODEL_UNREACHABLE' },
        },
        at,
      );
    const gone: Draft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'model-down',
      message: 'client<bob/run-1/agent_started#1',
      fate: { do: 'model-down', ms: 400 },
      at: 100,
    };
    expect(check(begun(), gone, failed(200))).toEqual(['holds']);
    expect(check(begun(), failed(50), gone)).toEqual(['agent/data/MODEL_UNREACHABLE']);
  });

  it('where what was late or away is not long back; what was under way by then may still feel it', () => {
    const run = (at: number, endsAt = at + 100): Draft[] => [
      asks(at, 'run-1'),
      seen(
        {
          type: 'run_failed',
          run_id: 'run-1',
          agent_name: 'supervisor',
          sequence: 1,
          payload: { code: 'MODEL_UNREACHABLE' },
        },
        endsAt,
      ),
    ];
    const away: Draft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'model-down',
      fate: { do: 'model-down', ms: 999 },
      at: 1,
    };
    const killed: Draft = { ...away, fate: { do: 'kill-redis', backAfterMs: 999, data: 'kept' } } as Draft;
    const stalled: Draft = { ...away, fate: { do: 'stall-redis', ms: 999 } } as Draft;
    const place = ['run_failed/MODEL_UNREACHABLE'];
    for (const fault of [lack('model'), lack('redis'), away, killed, stalled]) {
      expect(check(promising, fault, over(1_000), ...run(5_900))).toEqual(['holds']);
      expect(check(promising, fault, over(1_000), ...run(5_900, 15_000))).toEqual(['holds']);
      expect(check(promising, fault, over(1_000), ...run(6_100))).toEqual(place);
      expect(check(promising, fault, ...run(6_100))).toEqual(['holds']);
      expect(check(begun(), fault, over(1_000), ...run(6_100))).toEqual(['holds']);
    }
  });

  it('where a process died, until another has long been there in its place; and not before it died', () => {
    const failed = (asked: number, at: number): Draft[] => [
      { type: 'sent', ...visit, frame: { type: 'start_agent', run_id: 'run-1' }, at: asked },
      seen(
        {
          type: 'run_failed',
          run_id: 'run-1',
          agent_name: 'supervisor',
          sequence: 1,
          payload: { code: 'RUN_INTERRUPTED' },
        },
        at,
      ),
    ];
    const dies: Draft = { type: 'process-exited', ...pipeline, cause: 'killed', code: 'SIGKILL', at: 3_000 };
    const back: Draft = { ...started, instance: 2, at: 4_000 };
    const place = ['run_failed/RUN_INTERRUPTED'];
    expect(check(promising, dies, back, ...failed(8_900, 8_950))).toEqual(['holds']);
    expect(check(promising, dies, back, ...failed(9_100, 9_150))).toEqual(place);
    // It was under way when the process died, and its user comes late to ask what became of it.
    expect(check(promising, ...failed(2_500, 20_000), { ...dies, at: 20_001 })).toEqual(['holds']);
    expect(check(promising, dies, ...failed(9_100, 9_150))).toEqual(['holds']);
    expect(check(promising, dies, { ...back, process: 'pipeline-2' }, ...failed(9_100, 9_150))).toEqual([
      'holds',
    ]);
    expect(check(promising, ...failed(500, 2_100), dies, back)).toEqual(['holds']);
    expect(check(promising, ...failed(500, 1_900), dies, back)).toEqual(place);
  });

  it('where a run is known no more since Redis lost what it held, whenever that is told', () => {
    const unknown = seen({ type: 'error', code: 'RUN_UNKNOWN' }, 30_000);
    const fired = (data: string): Draft => ({
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'kill-redis',
      fate: { do: 'kill-redis', backAfterMs: 9, data },
      at: 1,
    });
    const asked = asks(0);
    expect(check(promising, asked, fired('lost'), over(1_000), unknown)).toEqual(['holds']);
    expect(check(promising, asked, fired('kept'), over(1_000), unknown)).toEqual(['error/RUN_UNKNOWN']);
    expect(check(promising, asked, unknown, fired('lost'), over(31_000))).toEqual(['error/RUN_UNKNOWN']);
    // This user's runs are all of a later day.
    expect(check(promising, fired('lost'), over(1_000), asks(2_000), unknown)).toEqual(['error/RUN_UNKNOWN']);
  });

  it('where a start names what was lacking while it was made, and not what had been long before', () => {
    const start = (at: number): Draft[] => [
      { ...started, at },
      { ...refused('redis'), at: at + 100 } as Draft,
      exited('refused', at + 101),
    ];
    const killed: Draft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'kill-redis',
      fate: { do: 'kill-redis', backAfterMs: 999, data: 'kept' },
      at: 1,
    };
    const cut = (at: number): Draft => ({
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'cut redis',
      message: 'redis>-/-/ping#1',
      fate: { do: 'cut', when: 'before' },
      at,
    });
    const place = ['process/pipeline/redis'];
    for (const fault of [lack('redis'), killed]) {
      expect(check(promising, fault, over(1_000), ...start(5_900))).toEqual(['holds']);
      expect(check(promising, fault, over(1_000), ...start(6_100))).toEqual(place);
      expect(check(promising, fault, ...start(6_100))).toEqual(['holds']);
    }
    const [begins, ...ends] = start(2_000);
    expect(check(promising, cut(1_000), ...start(2_000))).toEqual(place);
    expect(check(promising, begins as Draft, cut(2_050), ...ends)).toEqual(['holds']);
  });

  it('where nobody served, since something was lacking; not long after that', () => {
    const again = [over(2_000), { ...started, instance: 2, at: 2_001 }];
    const start = [lack('usage'), started, refused('usage'), exited('refused')];
    expect(check(promising, ...start, ...again, turnedAway)).toEqual(['holds']);
    const place = ['connection/refused/SERVICE_NOT_READY'];
    expect(check(promising, ...start, ...again, { ...turnedAway, at: 7_100 })).toEqual(place);
    expect(check(promising, ...start, { ...turnedAway, at: 7_100 })).toEqual(['holds']);
  });
});
