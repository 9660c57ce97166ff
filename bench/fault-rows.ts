import fc from 'fast-check';
import { deliveryFigures } from '../harness/delivery-figures.ts';
import type { Fault } from '../harness/fault.ts';
import { moments } from '../harness/generators/process-faults.ts';
import { casePlans, type Disturbance } from '../harness/generators/workload.ts';
import { noEventIsLostSilently } from '../harness/invariants/no-event-is-lost-silently.ts';
import { noEventIsSeenTwice } from '../harness/invariants/no-event-is-seen-twice.ts';
import { theFiveEventsArriveInOrder } from '../harness/invariants/the-five-events-arrive-in-order.ts';
import type { ProcessFate } from '../harness/process-fault.ts';
import type { CasePlan, Scenario } from '../harness/scenario.ts';

/** Users beside alice and bob, who ask as bob does. */
const othersInEachCase = 6;

const killGateway: ProcessFate = { do: 'kill-gateway', backAfterMs: 300 };

/** One scenario for each kind of fault, which every user of every case meets at some place of a run. */
const rows: readonly Scenario[] = [
  row('nothing', {}),
  row(
    'client: cut, both sides told (RST)',
    client({ do: 'cut', when: 'before' }, { do: 'cut', when: 'after' }),
  ),
  row('client: ends in order (FIN)', client({ do: 'cut', when: 'after', by: 'fin' })),
  row('client: closed with a code', client({ do: 'close', code: 1011 }, { do: 'close', code: 1012 })),
  row('client: half-open, both ways', client({ do: 'half-open', swallows: 'both' })),
  row('client: half-open, one way', client({ do: 'half-open', swallows: 'this' })),
  row('client: stands still', client({ do: 'stall', ms: 400 }, { do: 'stall', ms: 2_500 })),
  row('client: late', client({ do: 'delay', ms: 300 })),
  row('client: frames lost', client({ do: 'drop' })),
  row('client: frames doubled', client({ do: 'duplicate' })),
  row('client: frames exchanged', client({ do: 'reorder' })),
  row('client: frames damaged', client({ do: 'garble' })),
  row('client: in pieces', client({ do: 'split', pieces: 4 }, { do: 'fragment', frames: 4 })),
  row('Redis: connection cut, request lost', store('request', { do: 'cut', when: 'before' })),
  row('Redis: connection cut, reply lost', store('request', { do: 'cut', when: 'after' })),
  row(
    'Redis: connection falls silent',
    store('reply', { do: 'half-open', swallows: 'both' }, { do: 'drop' }),
  ),
  row('Redis: connection stands still', store('reply', { do: 'stall', ms: 400 }, { do: 'stall', ms: 1_200 })),
  row('Redis: a command comes twice', store('request', { do: 'duplicate' })),
  row(
    'Redis: a command is refused',
    store('request', { do: 'fail', error: 'LOADING Redis is loading the dataset in memory' }),
  ),
  row('gateway: SIGKILL, back on its port', process(killGateway)),
  row('gateway: SIGKILL, another stands by', {
    ...process(killGateway),
    secondGateway: fc.constant('stands-by'),
  }),
  row('gateway: SIGKILL, two take turns', {
    ...process(killGateway),
    secondGateway: fc.constant('takes-turns'),
  }),
  row('Redis: SIGKILL, back with its data', process({ do: 'kill-redis', backAfterMs: 200, data: 'kept' })),
  row('Redis: SIGKILL, back without data', process({ do: 'kill-redis', backAfterMs: 200, data: 'lost' })),
  row('Redis: stands still', process({ do: 'stall-redis', ms: 400 }, { do: 'stall-redis', ms: 1_200 })),
  row('Redis: full', process({ do: 'fill-redis', ms: 600 })),
  row('Redis: read-only', process({ do: 'read-only-redis', ms: 600 })),
  row('clock: jumps', process({ do: 'jump-clock', byMs: 600_000 }, { do: 'jump-clock', byMs: -600_000 })),
];

export default rows;

/** What each of these rows is judged by, beside its figures. */
function row(what: string, disturbance: Disturbance): Scenario {
  return {
    id: `faults/${what}`,
    title: what,
    cases: casePlans(disturbance).map(crowded),
    invariants: [noEventIsLostSilently, noEventIsSeenTwice, theFiveEventsArriveInOrder],
    metrics: deliveryFigures,
  };
}

function client(...fates: readonly [Fault['fate'], ...Fault['fate'][]]): Disturbance {
  const kinds = ['agent_started', 'agent_thinking', 'agent_completed', 'tool_completed'] as const;
  return {
    faults: fc
      .record({
        kind: fc.constantFrom(...kinds),
        count: fc.integer({ min: 1, max: 3 }),
        fate: fc.constantFrom(...fates),
      })
      .map(({ kind, count, fate }) => [
        { of: 'run', at: { wire: 'client', direction: 'reply', kind, count }, fate },
      ]),
  };
}

function store(
  direction: 'request' | 'reply',
  ...fates: readonly [Fault['fate'], ...Fault['fate'][]]
): Disturbance {
  return {
    faults: fc
      .record({ count: fc.integer({ min: 1, max: 10 }), fate: fc.constantFrom(...fates) })
      .map(({ count, fate }) => [
        { of: 'run', at: { wire: 'redis', direction, kind: 'xadd.events', count }, fate },
      ]),
  };
}

function process(...fates: readonly [ProcessFate, ...ProcessFate[]]): Disturbance {
  return {
    process: fc
      .record({ moment: fc.constantFrom(...moments), nth: fc.nat(59), fate: fc.constantFrom(...fates) })
      .map(({ moment: { times, ...at }, nth, fate }) => [{ at: { ...at, count: 1 + (nth % times) }, fate }]),
  };
}

/** More users who ask at the same time, and each meets in the first run what alice meets in hers. */
function crowded(plan: CasePlan): CasePlan {
  const bob = plan.users.find(({ id }) => id === 'bob');
  const others = Array.from(
    { length: bob === undefined ? 0 : othersInEachCase },
    (_, index) => `bob-${index + 2}`,
  );
  const users = [...plan.users, ...others.flatMap((id) => (bob === undefined ? [] : [{ ...bob, id }]))];
  return {
    ...plan,
    users,
    model: [
      ...plan.model,
      ...others.flatMap((user) =>
        plan.model.filter((script) => script.user === 'bob').map((script) => ({ ...script, user })),
      ),
    ],
    faults: plan.faults.flatMap((fault) =>
      users.map(({ id }) => ({ ...fault, at: { ...fault.at, user: id } })),
    ),
  };
}
