import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { earlyMessagesAreKeptOrRefused } from './early-messages-are-kept-or-refused.ts';
import { everyAcceptedRunEnds } from './every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from './every-refusal-is-explained.ts';
import { historyOf } from './hand-history.ts';
import { nobodyWithoutAValidTokenGetsIn } from './nobody-without-a-valid-token-gets-in.ts';
import { nothingIsProcessedBeforeTheHandshake } from './nothing-is-processed-before-the-handshake.ts';

const actor = 'user:alice';
const visit = { actor, user: 'alice', connection: 'alice-knock-1' };

const opened: EventDraft = { type: 'connection-opened', ...visit };
const welcome = seen({ type: 'connection_established' });
const crash: EventDraft = {
  type: 'process-exited',
  actor: 'world',
  process: 'pipeline',
  instance: 1,
  cause: 'crashed',
  code: 'X',
};
const logged: EventDraft = {
  type: 'stored',
  actor: 'redis',
  store: 'redis',
  key: 'u:alice:r:run-1:events',
  road: 'events',
  user: 'alice',
  run: 'run-1',
  json: { type: 'agent_started', run_id: 'run-1', sequence: 1, agent_name: 'triage', payload: {} },
  expires: true,
};
const start = sent({ type: 'start_agent', run_id: 'run-1', thread_id: 't', payload: {} });
const ping = sent({ type: 'ping' });
const pong = seen({ type: 'pong' });
const accepted = seen({ type: 'run_accepted', run_id: 'run-1' });
const byeByUser = closed(1006, '', 'user');

function knocked(change: { entitled?: boolean; leaves?: boolean } = {}): EventDraft {
  const shows = { token: change.entitled === false ? 'none' : 'good' };
  return { type: 'knocked', ...visit, entitled: true, leaves: false, shows, ...change };
}

function sent(frame: Json, connection = visit.connection): EventDraft {
  return { type: 'sent', ...visit, connection, frame };
}

function seen(frame: Json): EventDraft {
  return { type: 'seen', ...visit, frame };
}

function closed(code: number, reason: string, by: 'user' | 'other' = 'other'): EventDraft {
  return { type: 'connection-closed', ...visit, code, reason, by };
}

function refused(status: number, code?: string): EventDraft {
  return { type: 'connection-refused', ...visit, status, ...(code === undefined ? {} : { code }) };
}

function fault(message: string): EventDraft {
  return { type: 'fault-fired', actor: 'faults', fault: 0, name: 'x', message, fate: { do: 'reorder' } };
}

const begun: EventDraft = {
  type: 'case-started',
  actor: 'world',
  scenario: 'by-hand/handshake',
  seed: 1,
  world: 'simulated',
  planned: { asks: [], faults: 0, contaminations: 0 },
  bounds: { runMs: 20_000, earlyMessages: 2 },
};

/** `holds`, the places where it is broken, or why it is unsure. */
function finding(invariant: Invariant, ...drafts: EventDraft[]): string[] {
  const { verdict } = invariant.check(historyOf([begun, ...drafts]));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : ['holds'];
}

describe('nothing is processed before the handshake', () => {
  const check = (...drafts: EventDraft[]): string[] =>
    finding(nothingIsProcessedBeforeTheHandshake, knocked(), ...drafts);

  it('holds where answers come after the welcome, or an error refuses before it', () => {
    expect(check(start, opened, welcome, accepted, byeByUser)).toEqual(['holds']);
    expect(check(start, opened, seen({ type: 'error', code: 'X' }), closed(1008, 'X'))).toEqual(['holds']);
    expect(check(start, refused(401, 'X'))).toEqual(['holds']);
  });

  it('breaks by an answer before the welcome, and by one without any', () => {
    expect(check(start, opened, accepted, welcome)).toEqual(['before ready/run_accepted']);
    expect(check(ping, opened, pong, byeByUser)).toEqual(['before ready/pong']);
  });

  it('breaks by a run that is there though its client was turned away', () => {
    expect(check(start, refused(401, 'X'), logged)).toEqual(['turned away/run']);
    expect(check(start, opened, closed(1008, 'X'), logged)).toEqual(['turned away/run']);
    const again = sent({ type: 'start_agent', run_id: 'run-1' }, 'alice-2');
    expect(check(start, refused(401, 'X'), again, logged)).toEqual(['holds']);
  });

  it('is unsure where a fault met the connection, and where there is nothing to judge', () => {
    const ordinary = finding(
      nothingIsProcessedBeforeTheHandshake,
      opened,
      fault('client<alice/-/connection_established#1'),
      accepted,
      welcome,
    );
    expect(ordinary).toEqual(['unsure: alice-knock-1 saw run_accepted first, but a fault met it']);
    expect(check(opened)).toEqual(['unsure: nothing to judge']);
  });
});

describe('early messages are kept or refused', () => {
  const check = (...drafts: EventDraft[]): string[] =>
    finding(earlyMessagesAreKeptOrRefused, knocked(), ...drafts);

  it('holds where each is answered, or the connection goes with a reason', () => {
    expect(check(ping, start, opened, welcome, pong, accepted, byeByUser)).toEqual(['holds']);
    expect(check(start, refused(503, 'SERVICE_NOT_READY'))).toEqual(['holds']);
    expect(check(start, opened, closed(1008, 'EARLY_MESSAGES_LIMIT'))).toEqual(['holds']);
    const error = seen({ type: 'error', code: 'X', run_id: 'run-1' });
    expect(check(start, opened, welcome, error, byeByUser)).toEqual(['holds']);
  });

  it('breaks where one is dropped, while others are answered', () => {
    expect(check(ping, start, opened, welcome, pong, byeByUser)).toEqual(['early/start_agent/dropped']);
    expect(check(ping, ping, opened, welcome, pong, byeByUser)).toEqual(['early/ping/dropped']);
  });

  it('breaks where the connection goes by a failure, without a reason, or without a code', () => {
    expect(check(start, opened, closed(1011, 'INTERNAL'))).toEqual(['early/start_agent/1011']);
    expect(check(start, opened, closed(1008, ''))).toEqual(['early/start_agent/1008']);
    expect(check(start, opened, closed(1006, ''))).toEqual(['early/start_agent/1006']);
    expect(check(start, refused(500))).toEqual(['early/start_agent/unanswered']);
    expect(check(start, refused(0, 'ECONNRESET'))).toEqual(['early/start_agent/unanswered']);
  });

  it('is unsure of what died with a process, or was waiting at the end', () => {
    expect(check(start, opened, closed(1006, ''), crash)[0]).toContain('died with a process');
    expect(check(start, opened, welcome)[0]).toContain('still waiting');
  });

  it('does not judge who leaves, who falls silent, or who says nothing early', () => {
    const leaving = finding(
      earlyMessagesAreKeptOrRefused,
      knocked({ leaves: true }),
      start,
      opened,
      byeByUser,
    );
    expect(leaving).toEqual(['unsure: nothing to judge']);
    expect(check(opened, welcome, start, byeByUser)).toEqual(['unsure: nothing to judge']);
    expect(check(ping, opened, { type: 'fell-silent', ...visit }, closed(1006, ''))).toEqual([
      'unsure: nothing to judge',
    ]);
  });
});

describe('nobody without a valid token gets in', () => {
  const check = (...drafts: EventDraft[]): string[] =>
    finding(nobodyWithoutAValidTokenGetsIn, knocked({ entitled: false }), ...drafts);

  it('holds where the try is refused by a status and a code', () => {
    expect(check(refused(401, 'AUTH_TOKEN_MISSING'))).toEqual(['holds']);
    expect(check(refused(503, 'SERVICE_NOT_READY'))).toEqual(['holds']);
  });

  it('breaks where it is let in, or refused without a code', () => {
    expect(check(opened, closed(1008, 'AUTH_TOKEN_MISSING'))).toEqual(['let in/none']);
    expect(check(refused(403))).toEqual(['refused without a code/none']);
  });

  it('is unsure where nobody tried, or nobody answered', () => {
    expect(check(refused(0, 'ECONNREFUSED'))).toEqual(['unsure: nothing to judge']);
    expect(finding(nobodyWithoutAValidTokenGetsIn, knocked(), opened)).toEqual(['unsure: nothing to judge']);
  });
});

describe('what a knock means for other invariants', () => {
  it('a refusal is explained by what was shown, by silence, and by more early messages than are kept', () => {
    const check = (...drafts: EventDraft[]): string[] => finding(everyRefusalIsExplained, ...drafts);
    expect(check(knocked({ entitled: false }), refused(401, 'X'), opened)).toEqual(['holds']);
    expect(check(knocked(), refused(401, 'X'))).toEqual(['connection/refused/X']);
    const silent: EventDraft = { type: 'fell-silent', ...visit };
    expect(check(knocked(), opened, welcome, silent, closed(1006, ''))).toEqual(['holds']);
    expect(check(knocked(), opened, welcome, closed(1006, ''))).toEqual(['connection/closed/1006']);
    expect(check(knocked(), ping, ping, ping, opened, closed(1008, 'X'))).toEqual(['holds']);
    expect(check(knocked(), ping, ping, opened, closed(1008, 'X'))).toEqual(['connection/closed/1008']);
  });

  it('an error about a run is explained where no such run, or no such event, can be had', () => {
    const error = (code: string): EventDraft => seen({ type: 'error', code, run_id: 'run-1' });
    const resume = (after: number): EventDraft => sent({ type: 'resume', run_id: 'run-1', after });
    const check = (...drafts: EventDraft[]): string[] =>
      finding(everyRefusalIsExplained, knocked(), opened, welcome, ...drafts);
    expect(check(resume(0), error('RUN_UNKNOWN'))).toEqual(['holds']);
    expect(check(start, accepted, resume(0), error('RUN_UNKNOWN'))).toEqual(['error/RUN_UNKNOWN']);
    expect(check(start, accepted, resume(7), error('MESSAGE_MALFORMED'), logged)).toEqual(['holds']);
    expect(check(start, accepted, resume(1), error('MESSAGE_MALFORMED'), logged)).toEqual([
      'error/MESSAGE_MALFORMED',
    ]);
  });

  it('a run that was asked for where nobody was let in is not missed', () => {
    const check = (...drafts: EventDraft[]): string[] =>
      finding(everyAcceptedRunEnds, knocked(), start, ...drafts, {
        type: 'case-ended',
        actor: 'world',
        reason: 'quiet',
      });
    expect(check(refused(401, 'X'))).toEqual(['unsure: nothing to judge']);
    expect(check(opened, closed(1008, 'X'))).toEqual(['unsure: nothing to judge']);
    expect(check(opened, welcome)).toEqual(['run/(never answered)']);
  });
});
