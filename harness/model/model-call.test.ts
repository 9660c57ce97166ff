import { describe, expect, it } from 'vitest';
import { type Case, caseSchemaId } from '../case.ts';
import { Director } from '../director.ts';
import { eventsOf, Recorder } from '../history.ts';
import { ManualClock } from '../manual-clock.ts';
import type { Message } from '../message.ts';
import { type ModelSink, ScriptedModel } from './model-call.ts';
import { planAnswer } from './scripted-model.ts';

const request = { wire: 'model', direction: 'request', kind: 'data' } as const;
const second = { wire: 'model', direction: 'reply', kind: 'data', count: 2 } as const;
const planned = planAnswer(
  { user: 'alice', run: 'run-1', agent: 'data', n: 1 },
  { sufficiency: 'sufficient', chunks: 3 },
  5,
  'm',
);
const [one = '', two = '', three = ''] = planned.chunks;

describe('a call', () => {
  it('is answered in chunks, and both sides of it are recorded', () => {
    const { log, history } = play([]);
    expect(log).toEqual(['200', one, two, three, 'end']);
    expect(history().events.map(({ type, message, parent }) => [type, message, parent])).toEqual([
      ['passed', 'model>alice/run-1/data#1', undefined],
      ['prompted', 'model>alice/run-1/data#1', 1],
      ['passed', 'model<alice/run-1/data#1', 1],
      ['passed', 'model<alice/run-1/data#2', 1],
      ['passed', 'model<alice/run-1/data#3', 1],
      ['answered', undefined, 2],
    ]);
    expect(eventsOf(history(), 'prompted')).toMatchObject([
      { agent: 'data', messages: [{ role: 'user', content: 'hi' }], tools: ['look_up'] },
    ]);
    expect(eventsOf(history(), 'answered')).toMatchObject([{ proof: planned.proof, outcome: 'whole' }]);
  });

  it.each([
    [{ path: '/v1/embeddings' }, '404'],
    [{ caller: undefined }, '400'],
    [{ body: '{"messages":' }, '400'],
    [{ body: '[]' }, '400'],
  ])('that is malformed is refused: %j', (change, status) => {
    expect(play([], { change }).log[0]).toBe(status);
  });

  it('takes its time on the way', () => {
    const { log, clock } = play([], { latency: () => 2 });
    expect(log).toEqual([]);
    clock.advance(2);
    expect(log).toEqual(['200']);
    clock.advance(2);
    expect(log).toEqual(['200', one]);
    clock.advance(4);
    expect(log.at(-1)).toBe('end');
  });

  it('that the caller left goes no further', () => {
    const { log, clock, abandon, outcomes } = play([], { latency: () => 2 });
    clock.advance(4);
    abandon();
    clock.advance(10);
    expect(log).toEqual(['200', one]);
    expect(outcomes()).toEqual(['abandoned']);
  });
});

describe('fates of the request', () => {
  it('delay', () => {
    const { log, clock, fired } = play([{ at: request, fate: { do: 'delay', ms: 10 } }]);
    expect(log).toEqual([]);
    clock.advance(10);
    expect(log.at(-1)).toBe('end');
    expect(fired()).toEqual(['delay model']);
  });

  it('drop: it is never answered', () => {
    const { log, clock, fired, outcomes } = play([{ at: request, fate: { do: 'drop' } }]);
    clock.advance(600_000);
    expect(log).toEqual([]);
    expect(fired()).toEqual(['drop model']);
    expect(outcomes()).toEqual([]);
  });

  it('fail: an HTTP status, and the model was not prompted', () => {
    const { log, fired, outcomes, history } = play([{ at: request, fate: { do: 'fail', error: '429' } }]);
    expect(log[0]).toBe('429');
    expect(fired()).toEqual(['fail model']);
    expect(outcomes()).toEqual(['status 429']);
    expect(eventsOf(history(), 'prompted')).toEqual([]);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('cut %s: the model was prompted %i times', (when, prompts) => {
    const { log, fired, outcomes, history } = play([{ at: request, fate: { do: 'cut', when } }]);
    expect(log).toEqual(['break ECONNRESET']);
    expect(fired()).toEqual(['cut model']);
    expect(outcomes()).toEqual(['cut']);
    expect(eventsOf(history(), 'prompted')).toHaveLength(prompts);
  });
});

describe('fates of a chunk', () => {
  it.each([
    ['drop', ['200', one, three, 'end']],
    ['duplicate', ['200', one, two, two, three, 'end']],
    ['reorder', ['200', one, three, two, 'end']],
  ] as const)('%s', (fate, log) => {
    const seen = play([{ at: second, fate: { do: fate } }]);
    expect(seen.log).toEqual(log);
    expect(seen.fired()).toEqual([`${fate} model`]);
    expect(seen.outcomes()).toEqual(['damaged']);
  });

  it('reorder of the last has nothing to change places with, and has not fired', () => {
    const { log, fired, outcomes } = play([{ at: { ...second, count: 3 }, fate: { do: 'reorder' } }]);
    expect(log).toEqual(['200', one, two, three, 'end']);
    expect(fired()).toEqual([]);
    expect(outcomes()).toEqual(['whole']);
  });

  it('garble', () => {
    const { log, outcomes } = play([{ at: second, fate: { do: 'garble' } }]);
    expect(log[2]).not.toBe(two);
    expect(log[2]).toHaveLength(two.length);
    expect(outcomes()).toEqual(['damaged']);
  });

  it.each([
    ['before', ['200', one, 'break ECONNRESET']],
    ['after', ['200', one, two, 'break ECONNRESET']],
  ] as const)('cut %s', (when, log) => {
    const seen = play([{ at: second, fate: { do: 'cut', when } }]);
    expect(seen.log).toEqual(log);
    expect(seen.outcomes()).toEqual(['cut']);
  });

  it('delay holds back those behind it', () => {
    const { log, clock } = play([{ at: second, fate: { do: 'delay', ms: 50 } }]);
    expect(log).toEqual(['200', one]);
    clock.advance(50);
    expect(log.at(-1)).toBe('end');
  });
});

function play(
  faults: Case['faults'],
  options: { latency?: (message: Message) => number; change?: object } = {},
) {
  const clock = new ManualClock();
  const recorder = new Recorder(() => clock.now());
  const playing: Case = {
    schema: caseSchemaId,
    scenario: 'test',
    seed: 5,
    users: [{ id: 'alice', arrivesAtMs: 0, confirms: 'all', actions: [] }],
    model: [{ user: 'alice', run: 'run-1', sufficiency: 'sufficient', chunks: 3 }],
    faults,
    contaminations: [],
    schedule: [],
  };
  const director = new Director({ playing, recorder, clock });
  const { latency } = options;
  const model = new ScriptedModel({
    playing,
    director,
    recorder,
    clock,
    ...(latency === undefined ? {} : { latency }),
  });
  const log: string[] = [];
  const sink: ModelSink = {
    status: (code) => log.push(String(code)),
    chunk: (bytes) => log.push(bytes.toString()),
    end: () => log.push('end'),
    break: (code) => log.push(`break ${code}`),
  };
  const body = JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: { name: 'look_up' } }],
  });
  const abandon = model.call(
    { path: '/v1/chat/completions', caller: 'alice/run-1/data/1', body, ...options.change },
    sink,
  );
  return {
    log,
    clock,
    abandon,
    history: () => recorder.history(),
    fired: () => eventsOf(recorder.history(), 'fault-fired').map(({ name }) => name),
    outcomes: () => eventsOf(recorder.history(), 'answered').map(({ outcome }) => outcome),
  };
}
