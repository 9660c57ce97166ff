import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { deadPeersAreNoticedInTime } from './dead-peers-are-noticed-in-time.ts';
import { historyOf } from './hand-history.ts';
import { noLivingOneIsDeclaredDead } from './no-living-one-is-declared-dead.ts';
import { noPulseSurvivesItsAgent } from './no-pulse-survives-its-agent.ts';

type Draft = EventDraft & { readonly at?: number };

const visit = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
const opened: Draft = { type: 'connection-opened', ...visit };
const welcome = seen({ type: 'connection_established' });
const silent: Draft = { type: 'fell-silent', ...visit, at: 1_000 };
const knocked: Draft = { type: 'knocked', ...visit, entitled: true, leaves: false, shows: {} };
const ended: Draft = { type: 'case-ended', actor: 'world', reason: 'quiet', at: 60_000 };

function begun(bounds: { agentMs?: number; peerMs?: number } = { agentMs: 4_000, peerMs: 3_000 }): Draft {
  return {
    type: 'case-started',
    actor: 'world',
    scenario: 'by-hand/liveness',
    seed: 1,
    world: 'simulated',
    planned: { asks: [], faults: 0, contaminations: 0 },
    bounds: { runMs: 20_000, ...bounds },
    at: 0,
  };
}

function seen(frame: Json): Draft {
  return { type: 'seen', ...visit, frame };
}

function closed(code: number, reason: string, by: 'user' | 'other', at: number): Draft {
  return { type: 'connection-closed', ...visit, code, reason, by, at };
}

function exited(cause: 'asked' | 'crashed'): Draft {
  return { type: 'process-exited', actor: 'world', process: 'pipeline', instance: 1, cause, code: 'X' };
}

function fault(message: string, does: string): Draft {
  return { type: 'fault-fired', actor: 'faults', fault: 0, name: 'x', message, fate: { do: does } };
}

function event(type: string, agent: string, sequence: number, atMs: number, payload: Json = {}): Draft {
  return seen({
    type,
    run_id: 'run-1',
    agent_name: agent,
    sequence,
    timestamp: new Date(atMs).toISOString(),
    payload,
  });
}

function pulse(agent: string): Draft {
  return seen({ type: 'agent_heartbeat', run_id: 'run-1', agent_name: agent, age_ms: 1, silent_ms: 1 });
}

function finding(invariant: Invariant, ...drafts: Draft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : ['holds'];
}

describe('dead peers are noticed in time', () => {
  const check = (...drafts: Draft[]): string[] =>
    finding(deadPeersAreNoticedInTime, begun(), opened, welcome, ...drafts);

  it('holds where the connection ends within the time', () => {
    expect(check(silent, closed(1006, '', 'other', 3_900), ended)).toEqual(['holds']);
  });

  it('breaks where it ends later, or never', () => {
    expect(check(silent, closed(1006, '', 'other', 9_000), ended)).toEqual(['peer/(dead)']);
    expect(check(silent, closed(1006, '', 'user', 9_000), ended)).toEqual(['peer/(dead)']);
    expect(check(silent, ended)).toEqual(['peer/(dead)']);
  });

  it('is unsure where the client left before, nobody promised a time, or a process ended meanwhile', () => {
    expect(check(silent, closed(1006, '', 'user', 2_000), ended)[0]).toContain('before it had to be noticed');
    expect(finding(deadPeersAreNoticedInTime, begun({}), silent, ended)).toEqual([
      'unsure: nobody promised a time',
    ]);
    expect(check(silent, exited('crashed'), closed(1006, '', 'other', 1_100), ended)).toEqual([
      'unsure: nothing to judge',
    ]);
    expect(check(closed(1000, '', 'user', 2_000), ended)).toEqual(['unsure: nothing to judge']);
  });
});

describe('no living one is declared dead', () => {
  const check = (...drafts: Draft[]): string[] => finding(noLivingOneIsDeclaredDead, begun(), ...drafts);
  const timeout = { status: 'failed', code: 'AGENT_TIMEOUT' };

  it('holds for peers that leave by themselves, or are told why they have to go', () => {
    expect(check(opened, welcome, closed(1000, '', 'user', 9_000), exited('asked'))).toEqual(['holds']);
    expect(check(opened, welcome, closed(1012, 'SERVICE_NOT_READY', 'other', 9_000))).toEqual(['holds']);
  });

  it('breaks where a peer is let go without a word, faults on the gate of others or not', () => {
    expect(check(opened, welcome, closed(1006, '', 'other', 9_000), exited('asked'))).toEqual(['peer/1006']);
    const other = fault('client<bob/-/pong#1', 'cut');
    expect(check(opened, welcome, other, closed(1006, '', 'other', 9_000))).toEqual(['peer/1006']);
    const own = fault('client<alice/-/pong#1', 'cut');
    expect(check(knocked, opened, welcome, own, closed(1006, '', 'other', 9_000))).toEqual(['peer/1006']);
  });

  it('is not sure of a peer that a fault met, that was silent, or whose process died', () => {
    const own = fault('client<alice/-/pong#1', 'cut');
    const gone = closed(1006, '', 'other', 9_000);
    expect(check(opened, welcome, own, gone)).toEqual(['unsure: nothing to judge']);
    expect(check(opened, welcome, silent, gone)).toEqual(['unsure: nothing to judge']);
    expect(check(opened, welcome, gone, exited('crashed'))).toEqual(['unsure: nothing to judge']);
  });

  it('holds where an agent is given up after its time, breaks where that is before', () => {
    const begin = event('agent_started', 'data', 1, 10_000);
    expect(check(begin, event('agent_completed', 'data', 2, 14_000, timeout))).toEqual(['holds']);
    expect(check(begin, event('agent_completed', 'data', 2, 13_000, timeout))).toEqual(['agent/data']);
    const early = { ...timeout, code: 'AGENT_FAILED' };
    expect(check(begin, event('agent_completed', 'data', 2, 13_000, early))).toEqual(['holds']);
  });

  it('is unsure where it is not known how long an agent had', () => {
    const end = event('agent_completed', 'data', 2, 13_000, timeout);
    expect(check(end)[0]).toContain('not known how long data had');
    const begin = event('agent_started', 'data', 1, 12_000);
    expect(finding(noLivingOneIsDeclaredDead, begun({}), begin, end)[0]).toContain('not known');
  });
});

describe('no pulse survives its agent', () => {
  const check = (...drafts: Draft[]): string[] => finding(noPulseSurvivesItsAgent, begun(), ...drafts);
  const begin = event('agent_started', 'data', 1, 0);
  const end = event('agent_completed', 'data', 2, 1);

  it('holds where pulses come while the agent works', () => {
    expect(check(begin, pulse('data'), pulse('data'), end, pulse('reporting'))).toEqual(['holds']);
    expect(check(begin, end, begin, pulse('data'))).toEqual(['holds']);
  });

  it('breaks by a pulse after the end of its agent, or of its run', () => {
    expect(check(begin, pulse('data'), end, pulse('data'))).toEqual(['pulse/data']);
    const over = event('run_failed', 'supervisor', 2, 1);
    expect(check(begin, over, pulse('data'))).toEqual(['pulse/data']);
  });

  it('is unsure where messages changed places, and where there is no pulse', () => {
    const swap = fault('client<alice/run-1/agent_completed#1', 'reorder');
    expect(check(swap, begin, end, pulse('data'))).toEqual(['unsure: messages to alice changed places']);
    expect(check(begin, end)).toEqual(['unsure: nothing to judge']);
  });
});
