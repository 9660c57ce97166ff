import { describe, expect, it } from 'vitest';
import type { EventDraft, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { answersCarryTheirProofs } from './answers-carry-their-proofs.ts';
import { type Carry, caseOf, type HandRun, historyOf, losing, proofOf } from './hand-history.ts';
import { nobodySeesAnothersValues } from './nobody-sees-anothers-values.ts';

const alice: HandRun = { user: 'alice', run: 'run-a' };
const bob: HandRun = { user: 'bob', run: 'run-b' };

function places(invariant: Invariant, drafts: readonly EventDraft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

/** Bends the report. */
const reporting =
  (bend: (report: { [key: string]: Json }) => Json): Carry =>
  (result) => {
    const carried = losing(result);
    if (result.road !== 'answer') return carried;
    return { ...carried, data: bend(structuredClone(carried.data) as { [key: string]: Json }) };
  };

describe('answers carry their proofs', () => {
  it('holds for real answers, new or out of the cache', () => {
    const from = { triage: 'run-a', data: 'run-a' };
    expect(places(answersCarryTheirProofs, caseOf(alice, bob))).toEqual([]);
    expect(
      places(answersCarryTheirProofs, caseOf(alice, { ...alice, run: 'run-c', cachedFrom: from })),
    ).toEqual([]);
  });

  it('has nothing to judge where no run was answered in full and no tool was called', () => {
    const failing = { triage: { code: 'AGENT_FAILED' } };
    expect(
      places(answersCarryTheirProofs, caseOf({ ...alice, failing, agents: ['triage', 'reporting'] })),
    ).toEqual(['unsure: nothing to judge']);
  });

  it('breaks by an answer without a proof', () => {
    const carry = reporting(() => ({ title: 'Your request was processed.' }));
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, carry }))).toEqual([
      'answer/triage',
      'answer/data',
      'answer/reporting',
    ]);
  });

  it('breaks by the proof of another run', () => {
    const carry = reporting((report) => ({
      ...report,
      metadata: { ...(report.metadata as object), proofs: { data: proofOf('alice', 'run-x', 'data') } },
    }));
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, carry }))).toEqual([
      'answer/triage',
      'answer/data',
    ]);
  });

  it('breaks by agents that the model never answered, and by an answer of nobody', () => {
    const fake = caseOf(alice).filter(({ type }) => type !== 'answered' && type !== 'prompted');
    expect(places(answersCarryTheirProofs, fake)).toEqual([
      'answer/triage',
      'answer/data',
      'answer/reporting',
    ]);
    const alone = fake.filter(
      (draft) =>
        (draft.type !== 'seen' || (draft.frame as { type: string }).type !== 'agent_completed') &&
        draft.type !== 'stored',
    );
    expect(places(answersCarryTheirProofs, alone)).toEqual(['answer/(nobody)']);
  });

  it('excuses what poison covered: in an agent, and in the report', () => {
    const spoilt = { data: [{ path: ['metadata'], recipe: 'function' }] };
    const withoutData = reporting((report) => {
      const { proofs, ...metadata } = report.metadata as { proofs: { [agent: string]: Json } };
      const { data: _, ...others } = proofs;
      return { ...report, metadata: { ...metadata, proofs: others } };
    });
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, poison: spoilt, carry: withoutData }))).toEqual(
      [],
    );
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, carry: withoutData }))).toEqual([
      'answer/data',
    ]);
    const covered = { reporting: [{ path: ['metadata', 'proofs'], recipe: 'map' }] };
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, poison: covered }))).toEqual([]);
  });

  it('excuses an agent of whose result nobody knows what it was, and no other', () => {
    const carry = reporting((report) => ({ ...report, metadata: { tool_calls: [] } }));
    const withoutTwinOf = (agent: string) =>
      caseOf({ ...alice, carry }).map((draft): EventDraft => {
        if (draft.type !== 'agent-returned' || draft.agent !== agent) return draft;
        const { clean: _clean, poisoned: _poisoned, ...told } = draft;
        return { ...told, type: 'agent-failed', code: 'NOT_PLAIN' };
      });
    expect(places(answersCarryTheirProofs, withoutTwinOf('data'))).toEqual([
      'answer/triage',
      'answer/reporting',
    ]);
    expect(places(answersCarryTheirProofs, withoutTwinOf('reporting'))).toEqual([]);
  });

  it('breaks by tool calls that never reached a tool', () => {
    const carry = reporting((report) => ({
      ...report,
      metadata: { ...(report.metadata as object), tool_calls: ['call-never-made'] },
    }));
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, carry }))).toEqual(['answer/(tool calls)']);
    const poison = { data: [{ path: ['metadata', 'tool_calls', 0], recipe: 'bigint' }] };
    expect(places(answersCarryTheirProofs, caseOf({ ...alice, carry, poison }))).toEqual([]);
    const faked = caseOf(alice).filter(({ type }) => type !== 'tool-called');
    expect(places(answersCarryTheirProofs, faked)).toEqual([
      'tool/fetch_usage_metrics/(never called)',
      'answer/(tool calls)',
    ]);
  });
});

describe("nobody sees another's values", () => {
  const drafts = caseOf(alice, bob);
  const shown = (frame: Json): EventDraft => ({
    type: 'seen',
    actor: 'user:bob',
    user: 'bob',
    connection: 'bob-1',
    frame,
  });

  it('holds where each sees his own', () => {
    expect(places(nobodySeesAnothersValues, drafts)).toEqual([]);
  });

  it('has nothing to judge with one user', () => {
    expect(places(nobodySeesAnothersValues, caseOf(alice))).toEqual(['unsure: nothing to judge']);
  });

  it.each([
    [{ deep: [{ proof: proofOf('alice', 'run-a', 'data') }] }, 'in a message/model answer'],
    [{ text: `the records usage-alice-run-a-1, and more` }, 'in a message/record'],
    [{ 'run-a': 1 }, 'in a message/run'],
  ])('breaks by a message that holds it: %j', (frame, place) => {
    expect(places(nobodySeesAnothersValues, [...drafts, shown(frame)])).toEqual([place]);
  });

  it('does not take a longer word for a shorter one', () => {
    expect(places(nobodySeesAnothersValues, [...drafts, shown({ text: 'run-a-1 and xrun-a' })])).toEqual([]);
  });

  it('lets users share a run id that both chose', () => {
    expect(places(nobodySeesAnothersValues, caseOf(alice, { ...bob, run: 'run-a' }))).toEqual([]);
  });

  const value = proofOf('alice', 'run-a', 'data');
  const base64 = (text: string, form: BufferEncoding = 'base64') => Buffer.from(text).toString(form);
  it.each<[string, string]>([
    ['in base64', base64(value)],
    ['in base64, after one character', base64(`;${value};`)],
    ['in base64, after two', base64(`;;${value}`)],
    ['in url-safe base64', base64(`{"proof":"${value}"}`, 'base64url')],
    ['in hex', base64(value, 'hex')],
    ['in capital hex', base64(value, 'hex').toUpperCase()],
    ['URL-encoded', `?q=${value.replaceAll('-', '%2D')}&r=1`],
    ['URL-encoded throughout', [...Buffer.from(value)].map((byte) => `%${byte.toString(16)}`).join('')],
    ['as a part of an id', `thread-1.${value}`],
  ])('breaks by a message that holds it %s', (_, text) => {
    expect(places(nobodySeesAnothersValues, [...drafts, shown({ said: `see ${text}, and go on` })])).toEqual([
      'in a message/model answer',
    ]);
    const own = caseOf(alice).map((draft) =>
      draft.type === 'seen' ? { ...draft, frame: { said: text } } : draft,
    );
    expect(places(nobodySeesAnothersValues, [...own, ...caseOf(bob)])).toEqual([]);
  });

  it('breaks by a value in two halves that follow one another in a stream, and by none that meet by chance', () => {
    const thinking = (reasoning: string, run = 'run-b'): EventDraft =>
      shown({ type: 'agent_thinking', run_id: run, payload: { reasoning } });
    const halves = [thinking(`so it is ${value.slice(0, 7)}`), thinking(value.slice(7))];
    expect(places(nobodySeesAnothersValues, [...drafts, ...halves])).toEqual(['in a message/model answer']);
    const apart = [thinking(`so it is ${value.slice(0, 7)}`), thinking(value.slice(7), 'run-x')];
    expect(places(nobodySeesAnothersValues, [...drafts, ...apart])).toEqual([]);
    const chance = [thinking('run'), thinking('-a')];
    expect(places(nobodySeesAnothersValues, [...drafts, ...chance])).toEqual([]);
  });

  const planted = drafts.map(
    (draft): EventDraft =>
      draft.type === 'case-started'
        ? {
            ...draft,
            planned: { ...draft.planned, canaries: [{ user: 'alice', value: 'cnry0123456789abcdef' }] },
          }
        : draft,
  );
  const bobs = { user: 'bob', run: 'run-b' };
  const connection = { user: 'bob', connection: 'bob-1' };
  const carriers: [string, (word: string) => EventDraft][] = [
    ['in a message', (word) => shown({ type: 'error', code: 'INTERNAL', message: `not for ${word}` })],
    ['in a message', (word) => ({ type: 'seen', actor: 'user:bob', ...connection, text: `no json ${word}` })],
    [
      'in the reason of a close',
      (reason) => ({
        type: 'connection-closed',
        actor: 'user:bob',
        ...connection,
        code: 1011,
        reason,
        by: 'other',
      }),
    ],
    [
      'in a refusal',
      (code) => ({ type: 'connection-refused', actor: 'user:bob', ...connection, status: 503, code }),
    ],
    [
      'in a key',
      (word) => ({
        type: 'stored',
        actor: 'redis',
        store: 'redis',
        user: 'bob',
        key: `u:bob:r:${word}:state`,
        road: 'persistence',
        json: {},
        expires: true,
      }),
    ],
    [
      'in the store (cache)',
      (text) => ({
        type: 'stored',
        actor: 'redis',
        store: 'redis',
        user: 'bob',
        key: 'u:bob:cache:data:x',
        road: 'cache',
        text,
        expires: true,
      }),
    ],
    [
      'in a prompt',
      (word) => ({
        type: 'prompted',
        actor: 'model',
        ...bobs,
        agent: 'data',
        tools: [],
        messages: [
          { role: 'system', content: `You know ${word}.` },
          { role: 'user', content: '{}' },
        ],
      }),
    ],
    [
      'in a prompt',
      (word) => ({
        type: 'prompted',
        actor: 'model',
        ...bobs,
        agent: 'data',
        tools: [],
        messages: [{ role: 'tool', content: JSON.stringify({ text: `a\n${word}` }) }],
      }),
    ],
    [
      "in a tool call's arguments",
      (word) => ({
        type: 'tool-called',
        actor: 'tool:t',
        ...bobs,
        tool: 't',
        call: 'c',
        arguments: { word },
      }),
    ],
    [
      "in an agent's input",
      (word) => ({ type: 'agent-asked', actor: 'agent:data', ...bobs, agent: 'data', input: { word } }),
    ],
    [
      'in the log',
      (word) => ({ type: 'logged', actor: 'gateway', level: 'warn', says: '', ...bobs, words: [word] }),
    ],
    [
      'on the health page',
      (word) => ({ type: 'health', actor: 'world', probe: 'ready', status: 200, body: { word } }),
    ],
    ['on /metrics', (user) => ({ type: 'metric', actor: 'world', name: 'm', labels: { user }, value: 1 })],
  ];

  it.each(carriers)('follows a canary %s', (where, carrying) => {
    for (const word of ['cnry0123456789abcdef', base64('"cnry0123456789abcdef"')])
      expect(places(nobodySeesAnothersValues, [...planted, carrying(word)])).toEqual([`${where}/canary`]);
    expect(places(nobodySeesAnothersValues, [...planted, carrying('cnry0000000000000000')])).toEqual([]);
  });

  it('says nothing of a line of the log that names nobody', () => {
    const words = ['cnry0123456789abcdef'];
    const line: EventDraft = { type: 'logged', actor: 'gateway', level: 'error', says: 'lease', words };
    expect(places(nobodySeesAnothersValues, [...planted, line])).toEqual([]);
  });

  it('looks into prompts, keys, stored values and arguments', () => {
    const proof = proofOf('alice', 'run-a', 'data');
    const model = { actor: 'model', user: 'bob', run: 'run-b', agent: 'data' };
    const prompted: EventDraft = {
      type: 'prompted',
      ...model,
      tools: [],
      messages: [{ role: 'user', content: JSON.stringify({ results: { data: proof } }) }],
    };
    const called: EventDraft = {
      type: 'tool-called',
      actor: 'tool:t',
      user: 'bob',
      run: 'run-b',
      tool: 't',
      call: 'c',
      arguments: { proof },
    };
    const stored: EventDraft = {
      type: 'stored',
      actor: 'redis',
      store: 'redis',
      user: 'bob',
      key: 'u:bob:r:run-a:state',
      road: 'persistence',
      json: { proof },
      expires: true,
    };
    expect(places(nobodySeesAnothersValues, [...drafts, prompted, called, stored]).sort()).toEqual([
      'in a key/run',
      'in a prompt/model answer',
      "in a tool call's arguments/model answer",
      'in the store (persistence)/model answer',
    ]);
  });
});
