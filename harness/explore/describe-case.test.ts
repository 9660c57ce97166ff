import { expect, it } from 'vitest';
import { describeCase } from './describe-case.ts';

it('a case in words says who asks and what goes wrong', () => {
  expect(
    describeCase({
      version: 'older',
      limits: { runsPerUser: 1 },
      users: [
        {
          id: 'alice',
          arrivesAtMs: 0,
          confirms: 'all',
          actions: [
            { do: 'connect' },
            {
              do: 'ask',
              run: 'run-1',
              thread: 'thread-1',
              request: 'Why did my costs rise since Tuesday morning, do you think?',
            },
            { do: 'leave' },
            { do: 'connect' },
            { do: 'deploy' },
            { do: 'deploy', version: 'older' },
            {
              do: 'knock',
              token: 'expired',
              offer: 'usual',
              origin: 'null',
              atOnce: 2,
              pieces: 3,
              betweenMs: 1,
              says: [{ at: 'upgrade', what: 'ping' }],
              leaves: { after: 'answer', ms: 5, by: 'reset' },
              staysMs: 0,
              answersPings: false,
            },
          ],
        },
        {
          id: 'alice',
          window: 2,
          arrivesAtMs: 5,
          confirms: 'all',
          actions: [
            { do: 'connect' },
            { do: 'ask', run: 'run-2', thread: 'thread-2', request: 'And what since then?' },
          ],
        },
      ],
      model: [{ user: 'alice', run: 'run-1', sufficiency: 'partial', chunks: 1 }],
      contaminations: [
        {
          at: { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
          path: ['insights', 0],
          recipe: 'function',
        },
      ],
      faults: [
        {
          at: { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
          fate: { do: 'fail', error: 'AgentCrashed' },
        },
        {
          at: {
            wire: 'redis',
            direction: 'reply',
            user: 'alice',
            run: 'run-1',
            kind: 'xadd.events',
            count: 3,
          },
          after: { wire: 'client', direction: 'request', kind: 'resume' },
          fate: { do: 'cut', when: 'before' },
        },
      ],
      schedule: [
        {
          hold: { wire: 'model' },
          until: { wire: 'tool', kind: 'fetch_usage_metrics', count: 2 },
          atMostMs: 100,
        },
      ],
    }),
  ).toEqual([
    'the version older serves',
    'each user may have 1 run at the same time',
    'alice asks run-1 in thread-1: "Why did my costs rise since Tuesday mor…"',
    'alice drops the connection and comes back',
    'the present version takes over',
    'the version older takes over',
    'alice knocks 2 times at once, token: expired, Origin: null, the upgrade in 3 pieces, ping with the upgrade, leaves by reset, 5 ms after the answer, then is silent for ever',
    'alice, in window 2, asks run-2 in thread-2: "And what since then?"',
    "triage finds the data of alice's run-1 partial",
    "function at insights.0 of the result of data (alice's run-1)",
    "agent data (alice's run-1) fails with AgentCrashed",
    "after request resume on client: reply xadd.events on redis number 3 (alice's run-1) breaks the connection, before it took effect",
    'message any on model waits for tool fetch_usage_metrics number 2, at most 100 ms',
  ]);
});

it('what a user does again and again is told once', () => {
  const ping = { do: 'send', text: '{"type":"ping"}' } as const;
  const pong = { do: 'send', text: '{"type":"pong"}' } as const;
  const user = { id: 'bob', arrivesAtMs: 0, confirms: 'all' } as const;
  const none = { model: [], faults: [], contaminations: [], schedule: [] };
  const actions = [{ do: 'connect' } as const, ping, ping, ping, pong, ping];
  expect(describeCase({ users: [{ ...user, actions }], ...none })).toEqual([
    'bob sends as it is: {"type":"ping"}, 3 times',
    'bob sends as it is: {"type":"pong"}',
    'bob sends as it is: {"type":"ping"}',
  ]);
});
