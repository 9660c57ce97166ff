import type { Case } from '../case.ts';
import { type FateName, type Fault, fates, fits } from '../fault.ts';
import type { Direction, Pattern, WireName } from '../message.ts';
import { isMisbehaviour } from '../misbehaviour.ts';
import type { ProcessFate } from '../process-fault.ts';
import { lackedDependencies, lackMisfit, lackStates, type StartupLack } from '../startup.ts';

/** Two users, three runs, nothing wrong. */
export function cleanCase(): Case {
  return caseWith({
    after: [{ do: 'ask', run: 'run-2', thread: 'thread-1', request: 'Which model should we use for chat?' }],
  });
}

/** Alice waits for bob to ask for his slot, he for his answer until she has begun, and a model for what never comes. */
export function scheduledCase(): Case {
  const alice = { user: 'alice', run: 'run-1', count: 1 } as const;
  const bob = { user: 'bob', run: 'run-1', count: 1 } as const;
  const start = { wire: 'client', direction: 'request', kind: 'start_agent' } as const;
  const slot = { wire: 'redis', kind: 'set.slot' } as const;
  return caseWith({
    schedule: [
      { hold: { ...start, ...alice }, until: { ...slot, ...bob, direction: 'request' }, atMostMs: 3_000 },
      { hold: { ...slot, ...bob, direction: 'reply' }, until: { ...start, ...alice }, atMostMs: 400 },
      {
        hold: { wire: 'model', direction: 'request', kind: 'triage', ...bob },
        until: { wire: 'agent', user: 'nobody' },
        atMostMs: 50,
      },
    ],
  });
}

/** Alice, who may have one run, asks for another in a second window while the first goes on, and again later. */
export function crowdedCase(): Case {
  const { users, ...rest } = caseWith({
    schedule: [
      {
        hold: { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'triage' },
        until: { wire: 'client', direction: 'reply', user: 'alice', run: 'run-2', kind: 'error' },
        atMostMs: 3_000,
      },
    ],
  });
  const ask = { do: 'ask', thread: 'thread-2', request: 'And in the other window?' } as const;
  return {
    ...rest,
    limits: { runsPerUser: 1 },
    users: [
      ...users,
      {
        id: 'alice',
        window: 2,
        arrivesAtMs: 100,
        confirms: 'all',
        actions: [
          { do: 'connect' },
          { ...ask, run: 'run-2' },
          { do: 'wait', ms: 2_000 },
          { ...ask, run: 'run-3' },
        ],
      },
    ],
  };
}

/** One user, who asks the same of an older version and of the one that takes over. */
export function twoVersionsCase(): Case {
  const ask = { do: 'ask', thread: 'thread-1', request: 'How can we lower our cost?' } as const;
  const { users, ...rest } = caseWith({});
  const [alice] = users;
  return {
    ...rest,
    version: 'older',
    users:
      alice === undefined
        ? []
        : [
            {
              ...alice,
              actions: [
                { do: 'connect' },
                { ...ask, run: 'run-1' },
                { do: 'deploy' },
                { do: 'connect' },
                { ...ask, run: 'run-2' },
              ],
            },
          ],
  };
}

interface CaseOptions {
  readonly request?: string;
  readonly after?: Case['users'][number]['actions'];
  readonly faults?: Case['faults'];
  readonly contaminations?: Case['contaminations'];
  readonly schedule?: Case['schedule'];
}

/** A case of alice, on whom everything falls, and bob, who did nothing wrong. */
export function caseWith(options: CaseOptions): Case {
  const question = 'How can we lower the cost of our model calls?';
  return {
    schema: 'faultline.case/1',
    scenario: 'conformance',
    seed: 42,
    users: [
      {
        id: 'alice',
        arrivesAtMs: 0,
        confirms: 'all',
        actions: [
          { do: 'connect' },
          { do: 'ask', run: 'run-1', thread: 'thread-1', request: options.request ?? question },
          ...(options.after ?? []),
        ],
      },
      {
        id: 'bob',
        arrivesAtMs: 5,
        confirms: 'all',
        actions: [{ do: 'connect' }, { do: 'ask', run: 'run-1', thread: 'thread-1', request: question }],
      },
    ],
    model: ['alice/run-1', 'alice/run-2', 'bob/run-1'].map((name) => {
      const [user = '', run = ''] = name.split('/');
      return { user, run, sufficiency: 'sufficient' as const, chunks: 3 };
    }),
    faults: options.faults ?? [],
    contaminations: options.contaminations ?? [],
    schedule: options.schedule ?? [],
  };
}

/** On each wire a message of alice's that a case always has, and whose loss ends in seconds, not in patience. */
const targets: { readonly [wire in WireName]: { readonly [direction in Direction]: string } } = {
  client: { request: 'event_confirmation', reply: 'agent_thinking' },
  redis: { request: 'xadd.events', reply: 'xadd.events' },
  model: { request: 'data', reply: 'data' },
  tool: { request: 'fetch_usage_metrics', reply: 'fetch_usage_metrics' },
  agent: { request: 'data', reply: 'data' },
};

/** Every fate on each of these wires and in every direction where it fits, once. */
export function plannedFates(
  wires: readonly WireName[],
): { readonly title: string; readonly fault: Fault }[] {
  const names = (Object.keys(fates) as FateName[]).filter(
    (name) => name !== 'pass' && name !== 'contaminate' && !isMisbehaviour({ do: name }),
  );
  return names.flatMap((name) =>
    wires.flatMap((wire) =>
      (['request', 'reply'] as const)
        .filter((direction) => fits(name, { wire, direction }))
        .flatMap((direction) =>
          fatesOf(name, wire).map((fate) => ({
            title: `${detailOf(fate)}: ${wire}, ${direction}`,
            fault: { at: targetOf(wire, direction, fate), fate },
          })),
        ),
    ),
  );
}

function detailOf(fate: Fault['fate']): string {
  if (fate.do === 'half-open') return `half-open, swallows ${fate.swallows}`;
  return fate.do === 'cut' ? ['cut', fate.when, fate.by].filter(Boolean).join(' ') : fate.do;
}

function fatesOf(name: FateName, wire: WireName): Fault['fate'][] {
  switch (name) {
    case 'delay':
      return [{ do: 'delay', ms: 30 }];
    case 'hold':
      return [{ do: 'hold', until: { wire: 'agent', user: 'bob', kind: 'reporting' }, atMostMs: 100 }];
    case 'fail':
      return [
        {
          do: 'fail',
          error: { client: '503', redis: 'OOM', model: '500', tool: 'Broken', agent: 'Broken' }[wire],
        },
      ];
    case 'cut':
      return [
        { do: 'cut', when: 'before' },
        { do: 'cut', when: 'after' },
        ...(wire === 'model' ? [] : [{ do: 'cut', when: 'before', by: 'fin' } as const]),
      ];
    case 'half-open':
      return [
        { do: 'half-open', swallows: 'both' },
        { do: 'half-open', swallows: 'this' },
      ];
    case 'stall':
      return [{ do: 'stall', ms: 200 }];
    case 'split':
      return [{ do: 'split', pieces: 3 }];
    case 'fragment':
      return [{ do: 'fragment', frames: 3 }];
    case 'close':
      return [{ do: 'close', code: 1012 }];
    case 'swell':
      return [{ do: 'swell', bytes: 1_000 }];
    case 'drop':
    case 'duplicate':
    case 'reorder':
    case 'garble':
      return [{ do: name }];
    default:
      return [];
  }
}

function targetOf(wire: WireName, direction: Direction, fate: Fault['fate']): Pattern {
  // Only an upgrade can be answered with an error.
  if (wire === 'client' && fate.do === 'fail')
    return { wire, direction, user: 'alice', kind: 'upgrade', count: 1 };
  return { wire, direction, user: 'alice', run: 'run-1', kind: targets[wire][direction], count: 1 };
}

/** Everything that can befall a process, once, in the middle of alice's second run; bob asks again when it is long over. */
export function processCases(): { readonly title: string; readonly playing: Case }[] {
  const at: Pattern = {
    wire: 'redis',
    direction: 'request',
    user: 'alice',
    run: 'run-2',
    kind: 'xadd.events',
    count: 3,
  };
  const once = (
    title: string,
    fate: ProcessFate,
    more: Partial<Case> = {},
  ): { title: string; playing: Case } => {
    const { users, model, ...rest } = cleanCase();
    const again: Case['users'][number]['actions'] = [
      { do: 'wait', ms: 2_500 },
      { do: 'ask', run: 'run-3', thread: 'thread-2', request: 'Is everything well again?' },
    ];
    return {
      title,
      playing: {
        ...rest,
        ...more,
        users: users.map((user) =>
          user.id === 'bob' ? { ...user, actions: [...user.actions, ...again] } : user,
        ),
        model: [...model, { user: 'bob', run: 'run-3', sufficiency: 'sufficient', chunks: 3 }],
        process: [{ at, fate }],
      },
    };
  };
  return [
    once('kill-gateway', { do: 'kill-gateway', backAfterMs: 200 }),
    once(
      'kill-gateway, a second one standing by',
      { do: 'kill-gateway', backAfterMs: 1_000 },
      { secondGateway: 'stands-by' },
    ),
    once(
      'kill-gateway, the second of two',
      { do: 'kill-gateway', gateway: 2, backAfterMs: 200 },
      { secondGateway: 'takes-turns' },
    ),
    once('kill-redis, data kept', { do: 'kill-redis', backAfterMs: 200, data: 'kept' }),
    once('kill-redis, data lost', { do: 'kill-redis', backAfterMs: 200, data: 'lost' }),
    once('stall-redis', { do: 'stall-redis', ms: 300 }),
    once('fill-redis', { do: 'fill-redis', ms: 300 }),
    once('read-only-redis', { do: 'read-only-redis', ms: 300 }),
    once('fill-memory', { do: 'fill-memory', bytes: 64 * 1024 * 1024, ms: 300 }),
    once('model-down', { do: 'model-down', ms: 300 }),
    once('jump-clock, forward', { do: 'jump-clock', byMs: 60_000 }),
    once('jump-clock, back', { do: 'jump-clock', byMs: -60_000 }),
  ];
}

/** Everything that a pipeline may lack at its start, by state: all that can be so at once. */
export function lackCases(): {
  readonly title: string;
  readonly playing: Case;
  readonly lacks: readonly StartupLack[];
}[] {
  const { users, ...rest } = cleanCase();
  return lackStates.map((state) => {
    const lacks = lackedDependencies
      .map((dependency): StartupLack => {
        // Less than a start waits; and longer than two starts take where only a time will do.
        const forMs =
          state === 'late' ? 250 : dependency === 'redis' && state === 'broken' ? 3_000 : undefined;
        return { dependency, state, ...(forMs === undefined ? {} : { forMs }) };
      })
      .filter((lack) => lackMisfit(lack) === null);
    return {
      title: `${lacks.map(({ dependency }) => dependency).join(', ')} ${state}`,
      lacks,
      playing: {
        ...rest,
        // The library would come again and again; nobody will be there.
        users: users.map((user) => ({ ...user, client: 'raw' as const })),
        startup: { lacks: [...lacks] },
      },
    };
  });
}
