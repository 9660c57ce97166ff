import { describe, expect, it } from 'vitest';
import type { EventDraft, Json, Poisoned } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { cleanResultsComeBackExactly } from './clean-results-come-back-exactly.ts';
import { type Carry, caseOf, type HandRun, historyOf, losing, losingSilently } from './hand-history.ts';
import { noForeignCodeIsRun } from './no-foreign-code-is-run.ts';
import { nothingIsLostSilently } from './nothing-is-lost-silently.ts';
import { poisonSpoilsNoSiblings } from './poison-spoils-no-siblings.ts';
import { storedAndSentValuesAreClean } from './stored-and-sent-values-are-clean.ts';

const clean: HandRun = { user: 'alice', run: 'run-1' };
const poison = { data: [{ path: ['metrics', 'total'], recipe: 'function' }] };
const dirty: HandRun = { ...clean, poison };
const all = [
  storedAndSentValuesAreClean,
  nothingIsLostSilently,
  cleanResultsComeBackExactly,
  poisonSpoilsNoSiblings,
];

function places(invariant: Invariant, drafts: readonly EventDraft[]): string[] {
  const { verdict } = invariant.check(historyOf(drafts));
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

function verdicts(drafts: readonly EventDraft[]): string[] {
  return all.map((invariant) => invariant.check(historyOf(drafts)).verdict.is);
}

/** Bends what one road carries of the data agent's result. */
function bending(road: Parameters<Carry>[0]['road'], bend: (data: Json, account: Json) => Json): Carry {
  return (result) => {
    const carried = losing(result);
    if (result.road !== road || result.agent !== 'data') return carried;
    return { ...carried, data: bend(structuredClone(carried.data ?? null), carried.account) };
  };
}

const at = (data: Json): { [key: string]: Json } => data as { [key: string]: Json };

describe('healthy histories', () => {
  it('hold where poison is lost and named', () => {
    expect(verdicts(caseOf(dirty))).toEqual(['holds', 'holds', 'holds', 'holds']);
  });

  it('hold where nothing is poisoned; what is about poison has nothing to judge', () => {
    expect(verdicts(caseOf(clean))).toEqual(['holds', 'unsure', 'holds', 'unsure']);
    for (const invariant of [nothingIsLostSilently, poisonSpoilsNoSiblings])
      expect(invariant.check(historyOf(caseOf(clean)))).toEqual({
        verdict: { is: 'unsure', why: 'nothing to judge' },
        checked: 0,
        coverage: 'not exercised',
      });
  });

  it('hold for results out of the cache, clean or not, held against the run that computed them', () => {
    const later = { ...dirty, run: 'run-2', cachedFrom: { data: 'run-1', triage: 'run-1' } };
    expect(verdicts(caseOf(dirty, later))).toEqual(['holds', 'holds', 'holds', 'holds']);
  });

  it('hold for a run whose answer came whole out of the cache', () => {
    const from = { triage: 'run-1', data: 'run-1', reporting: 'run-1' };
    const carry: Carry = (result) =>
      result.agent === 'reporting' && result.road !== 'prompts'
        ? { data: reportOf(historyOf(caseOf(clean))), account: [] }
        : losing(result);
    expect(verdicts(caseOf(clean, { ...clean, run: 'run-2', cachedFrom: from, carry }))).toEqual([
      'holds',
      'unsure',
      'holds',
      'unsure',
    ]);
  });

  it('hold for poison in place of a whole result', () => {
    const whole = { ...clean, poison: { data: [{ path: [], recipe: 'map' }] } };
    expect(verdicts(caseOf(whole))).toEqual(['holds', 'holds', 'holds', 'unsure']);
  });

  it('hold where an agent failed: there is no value to judge', () => {
    const failing = { data: { code: 'AGENT_FAILED' } };
    expect(verdicts(caseOf({ ...clean, failing }))).toEqual(['holds', 'unsure', 'holds', 'unsure']);
  });

  it('are not judged where nobody watches agents and tools', () => {
    const drafts = caseOf(dirty).filter(({ type }) => !/^(agent|tool)-/.test(type));
    expect(verdicts(drafts)).toEqual(['unsure', 'unsure', 'unsure', 'unsure']);
  });
});

describe('stored and sent values are clean', () => {
  it.each(['cache', 'persistence', 'events', 'prompts'] as const)('breaks by a changed type: %s', (road) => {
    const carry = bending(road, (data) => ({ ...at(data), title: 7 }));
    expect(places(storedAndSentValuesAreClean, caseOf({ ...clean, carry }))).toEqual([`${road}/data/title`]);
  });

  it('breaks where an agent was handed a live object', () => {
    const handed = caseOf(clean).map(
      (draft): EventDraft =>
        draft.type === 'agent-asked' && draft.agent === 'reporting' ? { ...draft, live: true } : draft,
    );
    expect(places(storedAndSentValuesAreClean, handed)).toEqual(['input/reporting/(live)']);
  });

  it('breaks by a further key', () => {
    const carry = bending('cache', (data) => ({ ...at(data), _meta: 1 }));
    expect(places(storedAndSentValuesAreClean, caseOf({ ...clean, carry }))).toEqual(['cache/data/_meta']);
  });

  it.each([
    '[object Object]',
    "<module 'pathlib'>",
    '[Function: recompute]',
    'function recompute(value) { return 1; }',
    '(value) => 1',
    'class Agent extends Base { }',
    'Symbol(x)',
  ])('breaks by an object turned into text, even where poison was put: %s', (text) => {
    const carry = bending('cache', (data) => ({ ...at(data), metrics: { total: text, series: [1, 2, 3] } }));
    expect(places(storedAndSentValuesAreClean, caseOf({ ...dirty, carry }))).toEqual([
      'cache/data/metrics/total',
    ]);
  });

  it('breaks where the whole result came back as text', () => {
    const carry = bending('cache', () => '[object Object]');
    expect(places(storedAndSentValuesAreClean, caseOf({ ...dirty, carry }))).toEqual(['cache/data/(whole)']);
  });

  it('holds for other data where poison was put', () => {
    const carry = bending('cache', (data) => ({
      ...at(data),
      metrics: { total: { cpu: 0.82 }, series: [1, 2, 3] },
    }));
    expect(storedAndSentValuesAreClean.check(historyOf(caseOf({ ...dirty, carry }))).verdict.is).toBe(
      'holds',
    );
  });

  it('breaks by a cache entry, a state or a log entry that is no such thing', () => {
    const bent = caseOf(clean).map((draft): EventDraft => {
      if (draft.type !== 'stored') return draft;
      const { json: _, ...rest } = draft;
      return draft.road === 'cache' ? { ...rest, json: 'data' } : { ...rest, text: '[object Object]' };
    });
    expect(new Set(places(storedAndSentValuesAreClean, bent))).toEqual(
      new Set([
        'cache/triage/(shape)',
        'cache/data/(shape)',
        'cache/reporting/(shape)',
        'persistence/state/(shape)',
        'events/log/(shape)',
      ]),
    );
  });

  it('does not judge text that the history cut short', () => {
    const cut = caseOf(clean).map((draft): EventDraft => {
      if (draft.type !== 'stored') return draft;
      const { json: _, ...rest } = draft;
      return { ...rest, text: '{"v":1,', truncated: true };
    });
    expect(storedAndSentValuesAreClean.check(historyOf(cut)).verdict.is).toBe('holds');
  });

  it('breaks by a result that nobody returned', () => {
    const bent = caseOf(clean).filter((draft) => draft.type !== 'agent-returned' || draft.agent !== 'data');
    expect(places(storedAndSentValuesAreClean, bent)).toContain('events/data/(invented)');
  });

  it('breaks by a message that cannot be read, unless a fault damaged it', () => {
    const seen: EventDraft = {
      type: 'seen',
      actor: 'user:alice',
      user: 'alice',
      connection: 'alice-1',
      text: '[object Object]',
    };
    const garbled: EventDraft = {
      type: 'fault-fired',
      actor: 'faults',
      fault: 0,
      name: 'garble client',
      fate: { do: 'garble' },
      message: 'client<alice/run-1/agent_started#1',
    };
    expect(places(storedAndSentValuesAreClean, [...caseOf(clean), seen])).toEqual(['events/(unreadable)']);
    expect(places(storedAndSentValuesAreClean, [...caseOf(clean), garbled, seen])).toEqual([]);
  });
});

describe('nothing is lost silently', () => {
  it('breaks on every road where the loss is not named', () => {
    expect(places(nothingIsLostSilently, caseOf({ ...dirty, carry: losingSilently }))).toEqual([
      'prompts/data/metrics/total',
      'events/data/metrics/total',
      'cache/data/metrics/total',
      'persistence/data/metrics/total',
    ]);
  });

  it('tells the kinds of damage apart', () => {
    const kinds = ([undefined, 7, 'x'] as const).map((value) => {
      const carry: Carry = (result) => {
        const { data } = losing(result);
        if (result.agent !== 'data') return { data, account: [] };
        const metrics = { series: [1, 2, 3], ...(value === undefined ? {} : { total: value }) };
        return { data: { ...at(data ?? null), metrics }, account: [] };
      };
      const { verdict } = nothingIsLostSilently.check(historyOf(caseOf({ ...dirty, carry })));
      return verdict.is === 'broken' ? verdict.violations[0]?.why : verdict.is;
    });
    expect(kinds).toEqual([
      "alice's run-1, data (in what the model was sent): metrics.total: lost, what was no data is gone (there: function), and the account does not say so",
      "alice's run-1, data (in what the model was sent): metrics.total: type changed, what was no data became number (there: function), and the account does not say so",
      "alice's run-1, data (in what the model was sent): metrics.total: type changed, what was no data became string (there: function), and the account does not say so",
    ]);
  });

  const named = (account: Json): string =>
    nothingIsLostSilently.check(
      historyOf(caseOf({ ...dirty, carry: (result) => ({ ...losing(result), account }) })),
    ).verdict.is;
  const entry = { kind: 'lost', reason: 'function' };

  it('accepts the name of the place alone: not of what surrounds it, not of what was in it', () => {
    expect(named([{ path: ['metrics', 'total'], ...entry }])).toBe('holds');
    expect(named([{ path: ['metrics'], ...entry }])).toBe('broken');
    expect(named([{ path: [], kind: 'changed', reason: 'sanitised' }])).toBe('broken');
    expect(named([{ path: ['metrics', 'total', 'inner'], ...entry }])).toBe('broken');
  });

  it('accepts the name of something in it where an object is left', () => {
    const left = (account: Json): string => {
      const carry: Carry = (result) => {
        const { data } = losing(result);
        if (result.agent !== 'data') return { data, account: [] };
        return { data: { ...at(data ?? null), metrics: { series: [1, 2, 3], total: { id: 'x' } } }, account };
      };
      return nothingIsLostSilently.check(historyOf(caseOf({ ...dirty, carry }))).verdict.is;
    };
    expect(left([{ path: ['metrics', 'total', 'inner'], ...entry }])).toBe('holds');
    expect(left([{ path: ['metrics', 'total'], kind: 'changed', reason: 'map' }])).toBe('holds');
    expect(left([{ path: ['metrics'], ...entry }])).toBe('broken');
  });

  it('believes no kind that what is there belies', () => {
    const text: Carry = (result) => {
      const { data, account } = losing(result);
      if (result.agent !== 'data') return { data, account };
      return { data: { ...at(data ?? null), metrics: { series: [1, 2, 3], total: 'f' } }, account };
    };
    expect(places(nothingIsLostSilently, caseOf({ ...dirty, carry: text }))[0]).toBe(
      'prompts/data/metrics/total',
    );
    expect(named([{ path: ['metrics', 'total'], kind: 'changed', reason: 'function' }])).toBe('broken');
  });

  it('accepts neither another name nor one without kind and reason', () => {
    expect(named([{ path: ['metrics', 'totals'], ...entry }])).toBe('broken');
    expect(named([{ path: ['metricstotal'], ...entry }])).toBe('broken');
    expect(named([{ path: ['metrics', 'total'], kind: 'lost', reason: '' }])).toBe('broken');
    expect(named([{ path: 'metrics.total', ...entry }])).toBe('broken');
    expect(named('metrics.total')).toBe('broken');
  });

  it('breaks where a value is missing that was never poisoned', () => {
    const carry = bending('cache', (data) => {
      const { title: _, ...rest } = at(data);
      return rest;
    });
    expect(places(nothingIsLostSilently, caseOf({ ...clean, carry }))).toEqual(['cache/data/title']);
  });

  describe('a whole result that is not in the state of its run', () => {
    const without = (drafts: readonly EventDraft[], ...agents: string[]): EventDraft[] =>
      drafts.map((draft) => {
        if (draft.type !== 'stored' || draft.road !== 'persistence') return draft;
        const outcomes = Object.entries(at(at(draft.json ?? null).outcomes ?? null));
        const left = outcomes.filter(([agent]) => !agents.includes(agent));
        return { ...draft, json: { ...at(draft.json ?? null), outcomes: Object.fromEntries(left) } };
      });

    it('is lost, poisoned or clean', () => {
      expect(places(nothingIsLostSilently, without(caseOf(dirty), 'data'))).toEqual([
        'persistence/data/(whole)',
      ]);
      expect(places(cleanResultsComeBackExactly, without(caseOf(dirty), 'triage'))).toEqual([
        'persistence/triage/(whole)',
      ]);
    });

    it('is lost with the state of the one run that has none', () => {
      const other = { ...clean, run: 'run-2' };
      const drafts = caseOf(clean, other).filter(
        (draft) => draft.type !== 'stored' || draft.road !== 'persistence' || draft.run !== 'run-2',
      );
      expect(places(cleanResultsComeBackExactly, drafts)).toContain('persistence/data/(whole)');
    });

    it('is excused by a fault at the store, and in a run that was not answered', () => {
      const fault: EventDraft = {
        type: 'fault-fired',
        actor: 'faults',
        message: 'redis>alice/run-1/set.state#3',
        fault: 0,
        name: 'fail redis',
        fate: { do: 'fail', error: 'OOM' },
      };
      expect(verdicts([fault, ...without(caseOf(dirty), 'data')])).toEqual(Array(4).fill('holds'));
      const failing = { reporting: { code: 'RUN_TIMEOUT' } };
      expect(verdicts(without(caseOf({ ...dirty, failing }), 'data'))).toEqual(Array(4).fill('holds'));
    });
  });

  it('is not taken in by the value that would have been there without the poison', () => {
    const carry: Carry = ({ clean: data }) => ({ data, account: [] });
    expect(places(nothingIsLostSilently, caseOf({ ...dirty, carry }))[0]).toBe('prompts/data/metrics/total');
  });

  it('names items of lists without their number', () => {
    const list = { data: [{ path: ['metrics', 'series', 2], recipe: 'nan' }] };
    expect(places(nothingIsLostSilently, caseOf({ ...clean, poison: list, carry: losingSilently }))[0]).toBe(
      'prompts/data/metrics/series/*',
    );
  });

  it('follows a result out of the cache', () => {
    const later: HandRun = {
      ...dirty,
      run: 'run-2',
      cachedFrom: { triage: 'run-1', data: 'run-1' },
      carry: losingSilently,
    };
    const { verdict } = nothingIsLostSilently.check(historyOf(caseOf(dirty, later)));
    expect(verdict.is === 'broken' && verdict.violations[0]?.why).toContain("alice's run-2");
  });
});

describe('clean results come back exactly', () => {
  it('breaks by another value, and does not by another order of keys', () => {
    const other = bending('persistence', (data) => ({
      ...at(data),
      metrics: { total: 5, series: [1, 2, 4] },
    }));
    expect(places(cleanResultsComeBackExactly, caseOf({ ...clean, carry: other }))).toEqual([
      'persistence/data/metrics/series/*',
    ]);
    const order = bending('persistence', (data) => Object.fromEntries(Object.entries(at(data)).reverse()));
    expect(cleanResultsComeBackExactly.check(historyOf(caseOf({ ...clean, carry: order }))).verdict.is).toBe(
      'holds',
    );
  });

  it('breaks by an account of nothing', () => {
    const carry: Carry = (result) => ({
      ...losing(result),
      account: result.agent === 'triage' ? [{ path: [], kind: 'changed', reason: 'x' }] : [],
    });
    expect(places(cleanResultsComeBackExactly, caseOf({ ...clean, carry }))).toContain(
      'events/triage/(account)',
    );
  });

  it('breaks by an answer that is not the report', () => {
    const carry: Carry = (result) =>
      result.road === 'answer' ? { data: { title: 'All is well.' }, account: [] } : losing(result);
    expect(places(cleanResultsComeBackExactly, caseOf({ ...clean, carry }))).toContain(
      'answer/reporting/title',
    );
  });

  it('breaks by a changed tool result', () => {
    const bent = caseOf(clean).map(
      (draft): EventDraft => (draft.type === 'tool-returned' ? { ...draft, clean: { records: [] } } : draft),
    );
    expect(places(cleanResultsComeBackExactly, bent)).toEqual(['events/fetch_usage_metrics/records/*']);
  });
});

describe('poison of which a part is data', () => {
  const session: Poisoned = {
    path: ['metrics', 'total'],
    recipe: 'session',
    data: { id: 's-1', bind: { dialect: 'postgresql' } },
    foreign: [[], ['bind', 'driver']],
  };
  const flattened = { path: ['metrics', 'total'], kind: 'changed', reason: 'instance' };
  const driver = { path: ['metrics', 'total', 'bind', 'driver'], kind: 'lost', reason: 'module' };

  /** What is broken where this is left of the poison, with this account. */
  function broken(poisoned: Poisoned, left: Json | undefined, account: Json): string[] {
    const drafts = caseOf({
      ...clean,
      poison: { data: [poisoned] },
      carry: (result) => {
        if (result.agent !== 'data') return losing(result);
        const metrics = { series: [1, 2, 3], ...(left === undefined ? {} : { total: left }) };
        return { data: { ...at(result.clean), metrics }, account };
      },
    });
    return all.filter((invariant) => places(invariant, drafts).length > 0).map(({ name }) => name);
  }

  it('may be left out whole, by name', () => {
    expect(broken(session, undefined, [{ ...flattened, kind: 'refused' }])).toEqual([]);
    expect(broken(session, undefined, [flattened])).toEqual(['nothing-is-lost-silently']);
    expect(broken(session, undefined, [driver])).toEqual(['nothing-is-lost-silently']);
  });

  it('comes through in its data, with a name for each thing that is none', () => {
    const left = { id: 's-1', bind: { dialect: 'postgresql' } };
    expect(broken(session, left, [flattened, driver])).toEqual([]);
    expect(broken(session, left, [flattened])).toEqual(['nothing-is-lost-silently']);
    expect(broken(session, left, [driver])).toEqual(['nothing-is-lost-silently']);
  });

  it('is lost silently in the half that nobody names, whatever is named of the other', () => {
    expect(broken(session, { bind: { dialect: 'postgresql' } }, [flattened, driver])).toEqual([
      'nothing-is-lost-silently',
    ]);
    expect(broken(session, { id: 's-1' }, [flattened, driver])).toEqual(['nothing-is-lost-silently']);
    const named = { path: ['metrics', 'total', 'bind'], kind: 'refused', reason: 'connection' };
    expect(broken(session, { id: 's-1' }, [flattened, named])).toEqual([]);
  });

  it('does not come through as a note in its place', () => {
    const note = { type: 'object_reference', class_name: 'Session' };
    expect(broken(session, note, [flattened, driver])).toEqual(['nothing-is-lost-silently']);
  });

  it('must hold what it carried, in whatever form: a changed form is no excuse for an empty one', () => {
    const map: Poisoned = { path: ['metrics', 'total'], recipe: 'map', carries: ['cpu', 0.82] };
    const changed = [{ path: ['metrics', 'total'], kind: 'changed', reason: 'map' }];
    for (const left of [[['cpu', 0.82]], { cpu: 0.82 }, { $map: [['cpu', '0.82']] }])
      expect(broken(map, left, changed)).toEqual([]);
    for (const left of [{}, [], { cpu: null }, [['cpu', 0.8]]])
      expect(broken(map, left, changed)).toEqual(['nothing-is-lost-silently']);
    expect(broken(map, undefined, [{ path: ['metrics', 'total'], kind: 'lost', reason: 'map' }])).toEqual([]);
  });

  it('that is data in disguise comes back as data, named or not', () => {
    const zero: Poisoned = {
      path: ['metrics', 'total'],
      recipe: 'negative-zero',
      data: 0,
      foreign: [],
      disguised: [[]],
    };
    expect(broken(zero, 0, [])).toEqual([]);
    expect(broken(zero, 0, [{ path: ['metrics', 'total'], kind: 'changed', reason: 'zero' }])).toEqual([]);
    expect(broken(zero, undefined, [])).toEqual(['nothing-is-lost-silently']);
    expect(broken(zero, 1, [])).toEqual(['nothing-is-lost-silently']);
  });

  it('that is wholly data is no poison: it comes back exactly, and nothing is said of it', () => {
    const target: Poisoned = {
      path: ['metrics', 'total'],
      recipe: 'target',
      data: { cpu: 0.82 },
      foreign: [],
    };
    expect(broken(target, { cpu: 0.82 }, [])).toEqual([]);
    expect(broken(target, { cpu: 0.82 }, [flattened])).toEqual(['clean-results-come-back-exactly']);
    expect(broken(target, { cpu: 0.8 }, [])).toContain('clean-results-come-back-exactly');
    expect(broken(target, 5, [])).toContain('stored-and-sent-values-are-clean');
    expect(broken(target, undefined, [{ ...flattened, kind: 'lost' }])).toEqual([
      'clean-results-come-back-exactly',
    ]);
  });

  it('in a list leaves its place, and its neighbours', () => {
    const holes: Poisoned = {
      path: ['metrics', 'series'],
      recipe: 'sparse-array',
      data: ['first', null, 'last'],
      foreign: [[1]],
    };
    const leaving = (series: Json, account: Json): string[] => {
      const carry: Carry = (result) =>
        result.agent === 'data'
          ? { data: { ...at(result.clean), metrics: { total: 5, series } }, account }
          : losing(result);
      const drafts = caseOf({ ...clean, poison: { data: [holes] }, carry });
      return all.filter((invariant) => places(invariant, drafts).length > 0).map(({ name }) => name);
    };
    const hole = [{ path: ['metrics', 'series', 1], kind: 'lost', reason: 'hole' }];
    expect(leaving(['first', null, 'last'], hole)).toEqual([]);
    expect(leaving(['first', null, 'last'], [])).toEqual(['nothing-is-lost-silently']);
    expect(leaving(['first', 'last'], hole)).toEqual(['nothing-is-lost-silently']);
  });
});

describe('no foreign code is run', () => {
  const ran: EventDraft = {
    type: 'foreign-code-ran',
    actor: 'agent:data',
    user: 'alice',
    run: 'run-1',
    producer: 'data',
    path: ['metrics', 'total'],
    recipe: 'throwing-getter',
    code: 'getter',
  };

  it('holds where poison was put in and none ran, and has nothing to judge without poison', () => {
    expect(noForeignCodeIsRun.check(historyOf(caseOf(dirty))).verdict.is).toBe('holds');
    expect(noForeignCodeIsRun.check(historyOf(caseOf(clean)))).toEqual({
      verdict: { is: 'unsure', why: 'nothing to judge' },
      checked: 0,
      coverage: 'not exercised',
    });
  });

  it('breaks where some ran', () => {
    const { verdict } = noForeignCodeIsRun.check(historyOf([...caseOf(dirty), ran]));
    expect(verdict.is === 'broken' && verdict.violations.map(({ why, place }) => [why, place])).toEqual([
      [
        "alice's run-1, data: metrics.total: the getter of what was put there was run (there: throwing-getter)",
        'code/data/metrics/total',
      ],
    ]);
  });
});

describe('what a model is sent of tools', () => {
  const sent = (data: Json, account: Json): EventDraft => ({
    type: 'prompted',
    actor: 'model',
    user: 'alice',
    run: 'run-1',
    agent: 'data',
    tools: [],
    messages: [
      {
        role: 'user',
        content: JSON.stringify({ tool_results: { fetch_usage_metrics: { ok: true, data, account } } }),
      },
    ],
  });
  const records = [{ id: 'usage-alice-run-1-1', latencyMs: 12 }];

  it('is held against what the tool returned', () => {
    expect(verdicts([...caseOf(dirty), sent({ records }, [])])).toEqual(Array(4).fill('holds'));
    expect(places(cleanResultsComeBackExactly, [...caseOf(clean), sent({ records: [] }, [])])).toEqual([
      'prompts/fetch_usage_metrics/records/*',
    ]);
    expect(places(storedAndSentValuesAreClean, [...caseOf(clean), sent('[object Object]', [])])).toEqual([
      'prompts/fetch_usage_metrics/(whole)',
    ]);
  });

  it('is held against the call that was poisoned, where an equal one before it was not', () => {
    const twice = caseOf(dirty).flatMap((draft): EventDraft[] =>
      draft.type === 'tool-returned'
        ? [draft, { ...draft, call: 'second', poisoned: [{ path: ['records'], recipe: 'function' }] }]
        : [draft],
    );
    const account = [{ path: ['records'], kind: 'lost', reason: 'function' }];
    expect(verdicts([...twice, sent({}, account)])).toEqual(Array(4).fill('holds'));
  });
});

describe('poison spoils no siblings', () => {
  it('breaks where a neighbour goes too, named or not', () => {
    const carry = bending('cache', (data) => {
      const { metrics: _, ...rest } = at(data);
      return rest;
    });
    expect(places(poisonSpoilsNoSiblings, caseOf({ ...dirty, carry }))).toEqual(['cache/data/metrics']);
  });

  it('breaks where a lazy account stands for everything', () => {
    const carry: Carry = (result) =>
      result.agent === 'data'
        ? { data: {}, account: [{ path: [], kind: 'lost', reason: 'contaminated' }] }
        : losing(result);
    expect(nothingIsLostSilently.check(historyOf(caseOf({ ...dirty, carry }))).verdict.is).toBe('broken');
    expect(poisonSpoilsNoSiblings.check(historyOf(caseOf({ ...dirty, carry }))).verdict.is).toBe('broken');
  });

  it('breaks where an account names what was not poisoned', () => {
    const blaming = (path: Json): string[] => {
      const carry: Carry = (result) => {
        const { data, account } = losing(result);
        const more = result.agent === 'data' ? [{ path, kind: 'changed', reason: 'sanitised' }] : [];
        return { data, account: [...(account as Json[]), ...more] };
      };
      return places(poisonSpoilsNoSiblings, caseOf({ ...dirty, carry }));
    };
    expect(blaming(['title'])).toContain('cache/data/(account)');
    expect(blaming([])).toContain('events/data/(account)');
    expect(blaming(['metrics', 'total', 'inner'])).toEqual([]);
  });
});

function reportOf({ events }: ReturnType<typeof historyOf>): Json {
  for (const event of events)
    if (event.type === 'agent-returned' && event.agent === 'reporting') return event.clean;
  return null;
}
