import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import { everyRefusalIsExplained } from './every-refusal-is-explained.ts';
import { caseOf, type HandRun, historyOf } from './hand-history.ts';

const alice: HandRun = { user: 'alice', run: 'run-1' };
const agents = ['triage', 'data', 'optimization', 'reporting'];

function fault(message: string, fate: { [key: string]: Json }): EventDraft {
  return { type: 'fault-fired', actor: 'faults', fault: 0, name: 'by hand', message, fate };
}

const fail = { do: 'fail', error: 'AgentCrashed' };

function places(...drafts: readonly (EventDraft & { readonly at?: number })[]): string[] {
  const { verdict } = everyRefusalIsExplained.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

describe('every refusal is explained', () => {
  it('holds where nobody is refused anything, and counts what might have been', () => {
    const finding = everyRefusalIsExplained.check(historyOf(caseOf(alice)));
    expect(finding).toMatchObject({ verdict: { is: 'holds' }, coverage: 'exercised' });
    expect(finding.checked).toBeGreaterThan(3);
    expect(places(...caseOf())).toEqual(['unsure: nothing to judge']);
  });

  it('breaks by a failed agent, unless a fault met it', () => {
    const failed = caseOf({ ...alice, agents, failing: { data: { code: 'AGENT_FAILED' } } });
    expect(places(...failed)).toEqual(['agent/data/AGENT_FAILED']);
    expect(places(fault('agent>alice/run-1/data#1', fail), ...failed)).toEqual([]);
    expect(places(fault('model>alice/run-1/data#1', fail), ...failed)).toEqual([]);
    expect(places(fault('agent>alice/run-1/triage#1', fail), ...failed)).toEqual(['agent/data/AGENT_FAILED']);
    expect(places(fault('agent>alice/run-2/data#1', fail), ...failed)).toEqual(['agent/data/AGENT_FAILED']);
    expect(places(fault('agent>bob/run-1/data#1', fail), ...failed)).toEqual(['agent/data/AGENT_FAILED']);
    expect(places(...failed, fault('agent>alice/run-1/data#1', fail))).toEqual(['agent/data/AGENT_FAILED']);
  });

  it('takes what an agent did in place of its work for the code in which that ends, and for no other', () => {
    const failed = (code: string) => caseOf({ ...alice, agents, failing: { data: { code } } });
    const exits = fault('agent>alice/run-1/data#1', { do: 'exit' });
    expect(places(exits, ...failed('AGENT_EXITED'))).toEqual([]);
    expect(places(exits, ...failed('AGENT_FAILED'))).toEqual(['agent/data/AGENT_FAILED']);
    const spins = fault('agent>alice/run-1/data#1', { do: 'spin' });
    expect(places(spins, ...failed('AGENT_TIMEOUT'))).toEqual([]);
    expect(places(spins, ...failed('AGENT_MEMORY_LIMIT'))).toEqual(['agent/data/AGENT_MEMORY_LIMIT']);
    const others = fault('agent>bob/run-1/data#1', { do: 'exhaust', what: 'heap' });
    expect(places(others, ...failed('AGENT_MEMORY_LIMIT'))).toEqual(['agent/data/AGENT_MEMORY_LIMIT']);
  });

  it('takes a constraint that held a message up for an explanation, as a fault that holds', () => {
    const failed = caseOf({ ...alice, agents, failing: { data: { code: 'AGENT_TIMEOUT' } } });
    const holds = (message: string): EventDraft => ({
      type: 'constraint-holds',
      actor: 'faults',
      message,
      constraint: 0,
      atMostMs: 28_000,
    });
    expect(places(holds('agent<alice/run-1/data#1'), ...failed)).toEqual([]);
    expect(places(holds('agent<bob/run-1/data#1'), ...failed)).toEqual(['agent/data/AGENT_TIMEOUT']);
  });

  it('takes no constraint for one that held a message up for less than anybody waits', () => {
    const [started, ...rest] = caseOf({ ...alice, agents, failing: { data: { code: 'AGENT_FAILED' } } });
    if (started?.type !== 'case-started') throw new Error('it begins otherwise');
    const patient = { ...started, bounds: { ...started.bounds, borneMs: 500 } };
    const wait = (constraint: number, from: number, to: number) => {
      const about = { actor: 'faults', message: `redis<alice/run-1/set.slot#${constraint}`, constraint };
      const begins: EventDraft = { type: 'constraint-holds', ...about, atMostMs: 400 };
      const ends: EventDraft = { type: 'constraint-expired', ...about };
      return [
        { ...begins, at: from },
        { ...ends, at: to },
      ];
    };
    const judged = (...waits: (EventDraft & { readonly at: number })[]): string[] =>
      places(patient, ...waits.sort((a, b) => a.at - b.at), ...rest);
    expect(judged(...wait(1, 10, 210))).toEqual(['agent/data/AGENT_FAILED']);
    expect(judged(...wait(1, 10, 510))).toEqual([]);
    // Apart they are short, and what overlaps is one.
    expect(judged(...wait(1, 10, 310), ...wait(2, 400, 700))).toEqual(['agent/data/AGENT_FAILED']);
    expect(judged(...wait(1, 10, 310), ...wait(2, 300, 700))).toEqual([]);
  });

  it('takes a crowd of the same user for an explanation of a limit, and nothing less', () => {
    const client = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
    const sent = (run: string): EventDraft => ({
      type: 'sent',
      ...client,
      frame: { type: 'start_agent', run_id: run, thread_id: 'thread-1', payload: { user_request: 'Why?' } },
    });
    const seen = (type: string, run: string, more: { [key: string]: Json } = {}): EventDraft => ({
      type: 'seen',
      ...client,
      frame: { type, run_id: run, ...more },
    });
    const refused = seen('error', 'run-9', { code: 'RUN_LIMIT' });
    const ended = (run: string): EventDraft =>
      seen('run_completed', run, { sequence: 1, agent_name: 'supervisor', payload: { status: 'complete' } });
    const judged = (runsPerUser: number | undefined, ...drafts: EventDraft[]): string[] => {
      const [started, ...rest] = caseOf();
      if (started?.type !== 'case-started') return [];
      const bounds = { ...started.bounds, ...(runsPerUser === undefined ? {} : { runsPerUser }) };
      return places({ ...started, bounds }, ...drafts, ...rest);
    };
    const unexplained = ['error/RUN_LIMIT'];
    expect(judged(1, sent('run-1'), sent('run-9'), refused)).toEqual([]);
    expect(judged(2, sent('run-1'), sent('run-9'), refused)).toEqual(unexplained);
    expect(judged(undefined, sent('run-1'), sent('run-9'), refused)).toEqual(unexplained);
    expect(judged(1, sent('run-1'), ended('run-1'), sent('run-9'), refused)).toEqual(unexplained);
    expect(judged(1, sent('run-9'), refused, sent('run-1'))).toEqual(unexplained);
    const overlapping = [sent('run-1'), sent('run-9'), ended('run-1'), sent('run-2')];
    expect(judged(1, ...overlapping, refused)).toEqual([]);
    expect(judged(2, ...overlapping, refused)).toEqual(unexplained);
    const refusedToo = seen('error', 'run-1', { code: 'RUN_LIMIT' });
    const accepted = seen('run_accepted', 'run-1');
    const together = [sent('run-1'), sent('run-9')];
    // Those who are all refused explain one another in nothing.
    expect(judged(1, ...together, refusedToo, refused)).toEqual(unexplained);
    expect(judged(1, ...together, accepted, refused)).toEqual([]);
    // One that waits stands in the way of others, though the place is another's in the end.
    const inTheWay = [...together, refused, sent('run-2'), seen('run_accepted', 'run-2'), refusedToo];
    expect(judged(1, ...inTheWay)).toEqual([]);
  });

  it('takes no run for known whose user left before it was accepted', () => {
    const client = { actor: 'user:alice', user: 'alice' };
    const sent = (type: string, connection: string): EventDraft => ({
      type: 'sent',
      ...client,
      connection,
      frame: { type, run_id: 'run-9', thread_id: 'thread-1', after: 0, payload: { user_request: 'Why?' } },
    });
    const notice = (frame: { [key: string]: Json }, connection: string): EventDraft => ({
      type: 'seen',
      ...client,
      connection,
      frame: { run_id: 'run-9', ...frame },
    });
    const left: EventDraft = {
      type: 'connection-closed',
      ...client,
      connection: 'alice-1',
      code: 1006,
      reason: '',
      by: 'user',
    };
    const start = sent('start_agent', 'alice-1');
    const back = [sent('resume', 'alice-2'), notice({ type: 'error', code: 'RUN_UNKNOWN' }, 'alice-2')];
    expect(places(...caseOf(), start, left, ...back)).toEqual([]);
    expect(places(...caseOf(), start, ...back)).toEqual(['error/RUN_UNKNOWN']);
    const accepted = notice({ type: 'run_accepted', thread_id: 'thread-1' }, 'alice-1');
    expect(places(...caseOf(), start, accepted, left, ...back)).toEqual(['error/RUN_UNKNOWN']);
  });

  it('takes what met the model in one run for what shuts the way to it in another, and nothing else', () => {
    const client = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
    const asked: EventDraft = {
      type: 'sent',
      ...client,
      frame: {
        type: 'start_agent',
        run_id: 'run-9',
        thread_id: 'thread-1',
        payload: { user_request: 'Why?' },
      },
    };
    const refused: EventDraft = {
      type: 'seen',
      ...client,
      frame: { type: 'error', run_id: 'run-9', code: 'PREREQUISITE_FAILED' },
    };
    const dropped = (message: string) => fault(message, { do: 'drop' });
    const judged = (met: EventDraft): string[] => places(...caseOf(), met, asked, refused);
    expect(judged(dropped('model>alice/run-1/data#1'))).toEqual([]);
    expect(judged(dropped('tool<alice/run-1/fetch_usage_metrics#1'))).toEqual(['error/PREREQUISITE_FAILED']);
    expect(places(...caseOf(), asked, refused, dropped('model>alice/run-1/data#1'))).toEqual([
      'error/PREREQUISITE_FAILED',
    ]);
  });

  it('never takes a contamination for an explanation', () => {
    const failed = caseOf({ ...alice, failing: { data: { code: 'AGENT_FAILED' } } });
    const poisoned = fault('agent<alice/run-1/data#1', {
      do: 'contaminate',
      path: ['x'],
      recipe: 'function',
    });
    expect(places(poisoned, ...failed)).toEqual(['agent/data/AGENT_FAILED']);
  });

  it('follows what is missing to the failure that it comes from', () => {
    const failing = {
      data: { code: 'AGENT_FAILED' },
      optimization: { code: 'INPUT_MISSING', because: 'data' },
    };
    const failed = caseOf({ ...alice, agents, failing });
    expect(places(...failed)).toEqual(['agent/data/AGENT_FAILED', 'agent/optimization/INPUT_MISSING']);
    expect(places(fault('agent>alice/run-1/data#1', fail), ...failed)).toEqual([]);
    const round = {
      data: { code: 'INPUT_MISSING', because: 'optimization' },
      optimization: { code: 'INPUT_MISSING', because: 'data' },
    };
    expect(
      places(fault('agent>alice/run-1/data#1', fail), ...caseOf({ ...alice, agents, failing: round })),
    ).toEqual(['agent/data/INPUT_MISSING', 'agent/optimization/INPUT_MISSING']);
    const nobody = { optimization: { code: 'INPUT_MISSING', because: 'data' } };
    expect(places(...caseOf({ ...alice, agents, failing: nobody }))).toEqual([
      'agent/optimization/INPUT_MISSING',
    ]);
  });

  it('finds the agents that fall over another one, and tells the failure of the run in preference', () => {
    const failing = {
      data: { code: 'AGENT_FAILED' },
      optimization: { code: 'AGENT_FAILED' },
      reporting: { code: 'AGENT_FAILED' },
    };
    const thrown = fault('agent>alice/run-1/data#1', fail);
    expect(places(thrown, ...caseOf({ ...alice, agents, failing }))).toEqual(['run_failed/AGENT_FAILED']);
    const { reporting: _, ...others } = failing;
    expect(places(thrown, ...caseOf({ ...alice, agents, failing: others }))).toEqual([
      'agent/optimization/AGENT_FAILED',
    ]);
  });

  it('asks of a fault on the store whom it can hurt', () => {
    const failed = caseOf({ ...alice, failing: { reporting: { code: 'STORE_UNAVAILABLE' } } });
    expect(places(fault('redis>bob/run-1/set.state#1', { do: 'cut', when: 'before' }), ...failed)).toEqual(
      [],
    );
    expect(places(fault('redis>bob/run-1/set.state#1', { do: 'fail', error: 'OOM' }), ...failed)).toEqual([
      'run_failed/STORE_UNAVAILABLE',
    ]);
    expect(places(fault('redis>alice/run-1/set.state#1', { do: 'fail', error: 'OOM' }), ...failed)).toEqual(
      [],
    );
  });

  it('takes what befell a message on a shared wire for no explanation of what was asked for long after', () => {
    const [started, ...rest] = caseOf({ ...alice, failing: { reporting: { code: 'STORE_UNAVAILABLE' } } });
    if (started?.type !== 'case-started') throw new Error('it begins otherwise');
    const promises = { ...started, bounds: { ...started.bounds, agentMs: 4_000, returnMs: 5_000 } };
    const judged = (fate: { [key: string]: Json }, askedAt: number): string[] =>
      places(
        promises,
        { ...fault('redis>bob/run-1/set.state#1', fate), at: 10 },
        ...rest.map((each) => ({ ...each, at: askedAt })),
      );
    expect(judged({ do: 'cut', when: 'before' }, 9_010)).toEqual([]);
    expect(judged({ do: 'cut', when: 'before' }, 9_011)).toEqual(['run_failed/STORE_UNAVAILABLE']);
    expect(judged({ do: 'stall', ms: 300 }, 9_310)).toEqual([]);
    expect(judged({ do: 'stall', ms: 300 }, 9_311)).toEqual(['run_failed/STORE_UNAVAILABLE']);
  });

  it('gives a fault on a tool to the agent that made the call', () => {
    const message = 'tool>alice/run-1/fetch_usage_metrics#1';
    const drafts = caseOf({ ...alice, agents, failing: { optimization: { code: 'AGENT_FAILED' } } });
    expect(places(fault(message, { do: 'fail', error: 'X' }), ...drafts)).toEqual([
      'agent/optimization/AGENT_FAILED',
    ]);
    const error = drafts.map((draft): EventDraft => {
      const frame = draft.type === 'seen' ? (draft.frame as { [key: string]: Json }) : undefined;
      if (draft.type !== 'seen' || frame?.type !== 'tool_completed') return draft;
      const payload = { ...(frame.payload as object), status: 'error', code: 'TOOL_FAILED' };
      return { ...draft, frame: { ...frame, payload } };
    });
    const bent = error.filter((draft) => draft.type !== 'stored');
    expect(places(...bent)).toEqual([
      'agent/optimization/AGENT_FAILED',
      'tool/fetch_usage_metrics/TOOL_FAILED',
    ]);
    expect(places(fault(message, { do: 'fail', error: 'X' }), ...bent)).toEqual([
      'agent/optimization/AGENT_FAILED',
    ]);
  });

  const me = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
  const started = caseOf(alice).slice(0, 1);

  it('breaks by refused and closed connections, unless a fault met that user', () => {
    const refused: EventDraft = {
      type: 'connection-refused',
      ...me,
      status: 401,
      code: 'AUTH_TOKEN_INVALID',
    };
    const closed: EventDraft = { type: 'connection-closed', ...me, code: 1011, reason: '', by: 'other' };
    expect(places(...started, refused, closed)).toEqual([
      'connection/refused/AUTH_TOKEN_INVALID',
      'connection/closed/1011',
    ]);
    const cut = { do: 'cut', when: 'before' };
    expect(places(fault('client>alice/-/upgrade#1', cut), refused, closed)).toEqual([]);
    expect(places(fault('client>bob/-/upgrade#1', cut), refused)).toEqual([
      'connection/refused/AUTH_TOKEN_INVALID',
    ]);
    expect(places(...started, { ...closed, code: 1000, by: 'user' })).toEqual(['unsure: nothing to judge']);
  });

  it('breaks by errors; a start that was really sent twice explains RUN_DUPLICATE', () => {
    const error = (code: string, run?: string): EventDraft => ({
      type: 'seen',
      ...me,
      frame: { type: 'error', code, ...(run === undefined ? {} : { run_id: run }) },
    });
    const start: EventDraft = { type: 'sent', ...me, frame: { type: 'start_agent', run_id: 'run-1' } };
    expect(places(error('INTERNAL'))).toEqual(['error/INTERNAL']);
    expect(places(start, error('RUN_DUPLICATE', 'run-1'))).toEqual(['error/RUN_DUPLICATE']);
    expect(places(start, start, error('RUN_DUPLICATE', 'run-1'))).toEqual([]);
    expect(
      places(
        fault('client>alice/run-1/start_agent#1', { do: 'duplicate' }),
        start,
        error('RUN_DUPLICATE', 'run-1'),
      ),
    ).toEqual([]);
  });

  it('breaks by a process that dies; what its death takes with it is not told again', () => {
    const died: EventDraft = {
      type: 'process-exited',
      actor: 'gateway',
      process: 'gateway',
      instance: 1,
      cause: 'crashed',
      code: 'ERR_UNHANDLED_REJECTION',
    };
    const failed = caseOf({ ...alice, failing: { reporting: { code: 'RUN_INTERRUPTED' } } });
    expect(
      places(fault('redis>alice/run-1/set.state#1', { do: 'cut', when: 'before' }), died, ...failed),
    ).toEqual(['process/gateway/ERR_UNHANDLED_REJECTION']);
    expect(places({ ...died, cause: 'asked' }, ...failed)).toEqual(['run_failed/RUN_INTERRUPTED']);
  });

  it('breaks by a partial answer that does not say what is missing', () => {
    const partial = caseOf(alice).map((draft): EventDraft => {
      const frame = draft.type === 'seen' ? (draft.frame as { [key: string]: Json }) : undefined;
      if (draft.type !== 'seen' || frame?.type !== 'run_completed') return draft;
      return { ...draft, frame: { ...frame, payload: { ...(frame.payload as object), status: 'partial' } } };
    });
    expect(places(...partial)).toEqual(['run_completed/partial']);
  });

  it('finds a target broken that refuses everything: the sentinel', () => {
    const refuses: EventDraft[] = [
      ...started,
      { type: 'connection-opened', ...me },
      { type: 'sent', ...me, frame: { type: 'start_agent', run_id: 'run-1' } },
      { type: 'seen', ...me, frame: { type: 'error', code: 'SERVICE_NOT_READY', run_id: 'run-1' } },
    ];
    expect(places(...refuses)).toEqual(['error/SERVICE_NOT_READY']);
    const poisoned = fault('agent<alice/run-1/data#1', { do: 'contaminate', path: [], recipe: 'map' });
    expect(places(poisoned, ...refuses)).toEqual(['error/SERVICE_NOT_READY']);
  });
});
