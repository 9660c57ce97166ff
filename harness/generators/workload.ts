import fc from 'fast-check';
import type { Case, CaseAction, CaseUser, ModelScript } from '../case.ts';
import type { Contamination, Fault } from '../fault.ts';
import type { ProcessFault } from '../process-fault.ts';
import type { CasePlan } from '../scenario.ts';
import type { ContaminationDraft } from './contaminations.ts';
import type { FaultDraft } from './faults.ts';
import { kept } from './kept.ts';
import type { ProcessFaultDraft } from './process-faults.ts';
import { requests } from './requests.ts';

/** What disturbs the one user who has bad luck; nothing given: nothing disturbs. */
export interface Disturbance {
  readonly contaminations?: fc.Arbitrary<readonly ContaminationDraft[]>;
  readonly faults?: fc.Arbitrary<readonly FaultDraft[]>;
  readonly process?: fc.Arbitrary<readonly ProcessFaultDraft[]>;
  readonly secondGateway?: fc.Arbitrary<Case['secondGateway']>;
}

/**
 * Whole cases. One user, alice, asks, and the disturbance meets that first run of hers; afterwards she asks
 * clean things: the same again in the same thread (what was kept from the first run comes back), something
 * in another thread, and, having left and come back, in the first thread once more. Beside her, bystanders
 * (bob, sometimes carol) ask at the same time and are touched by nothing. Shrinks towards alice's first
 * request alone; runs keep their ids while others are dropped, so that what is drawn for a run stays.
 */
export function casePlans(disturbance: Disturbance = {}): fc.Arbitrary<CasePlan> {
  const { contaminations, faults, process, secondGateway } = disturbance;
  return fc
    .record({
      bob: fc.record({ kept, ...bystander }),
      carol: fc.record({ kept: fc.boolean(), ...bystander }),
      alice: fc.record({
        arrivesAtMs,
        confirms,
        first: ask,
        again: asked,
        elsewhere: asked,
        afterReturn: asked,
      }),
      contaminations: contaminations ?? fc.constant([]),
      faults: faults ?? fc.constant([]),
      process: process ?? fc.constant([]),
      secondGateway: secondGateway ?? fc.constant(undefined),
    })
    .map(assemble);
}

interface Ask {
  readonly request: string;
  readonly sufficiency: ModelScript['sufficiency'];
  readonly chunks: number;
}

interface Plan {
  readonly bob: BystanderPlan;
  readonly carol: BystanderPlan;
  readonly alice: {
    readonly arrivesAtMs: number;
    readonly confirms: CaseUser['confirms'];
    readonly first: Ask;
    readonly again: Ask & { readonly kept: boolean };
    readonly elsewhere: Ask & { readonly kept: boolean };
    readonly afterReturn: Ask & { readonly kept: boolean };
  };
  readonly contaminations: readonly ContaminationDraft[];
  readonly faults: readonly FaultDraft[];
  readonly process: readonly ProcessFaultDraft[];
  readonly secondGateway: Case['secondGateway'];
}

interface BystanderPlan {
  readonly kept: boolean;
  readonly arrivesAtMs: number;
  readonly confirms: CaseUser['confirms'];
  readonly first: Ask;
  readonly second: Ask & { readonly kept: boolean };
}

const arrivesAtMs = fc.integer({ min: 0, max: 50 });
const confirms = fc.constantFrom<CaseUser['confirms']>('all', 'all', 'all', 'none');
const askFields = {
  request: fc.constantFrom(...requests),
  // Mostly the longest way through the workflow: most agents, most to go wrong.
  sufficiency: fc.constantFrom<ModelScript['sufficiency']>(
    ...Array<'sufficient'>(7).fill('sufficient'),
    'partial',
    'insufficient',
    'unknown',
  ),
  chunks: fc.integer({ min: 1, max: 4 }),
};
const ask = fc.record(askFields);
const asked = fc.record({ kept, ...askFields });
const bystander = {
  arrivesAtMs,
  confirms,
  first: ask,
  second: fc.record({ kept: fc.boolean(), ...askFields }),
};

const unlucky = { user: 'alice', run: 'run-1' };

function assemble(plan: Plan): CasePlan {
  const { bob, carol, alice, contaminations, faults, process, secondGateway } = plan;
  const turns = [
    { kept: true, run: 'run-1', thread: 'thread-1', ask: alice.first },
    {
      kept: alice.again.kept,
      run: 'run-2',
      thread: 'thread-1',
      ask: { ...alice.again, request: alice.first.request },
    },
    { kept: alice.elsewhere.kept, run: 'run-3', thread: 'thread-2', ask: alice.elsewhere },
  ].filter((turn) => turn.kept);
  const after = alice.afterReturn.kept ? [{ run: 'run-4', thread: 'thread-1', ask: alice.afterReturn }] : [];
  const bystanders = [
    { id: 'bob', plan: bob },
    { id: 'carol', plan: carol },
  ]
    .filter(({ plan }) => plan.kept)
    .map(({ id, plan }) => ({
      id,
      plan,
      turns: [
        { run: 'run-1', thread: 'thread-1', ask: plan.first },
        ...(plan.second.kept ? [{ run: 'run-2', thread: 'thread-1', ask: plan.second }] : []),
      ],
    }));
  return {
    users: [
      {
        id: unlucky.user,
        arrivesAtMs: alice.arrivesAtMs,
        confirms: alice.confirms,
        actions: [
          { do: 'connect' },
          ...turns.map(asking),
          ...(after.length > 0 ? [{ do: 'leave' } as const, { do: 'connect' } as const] : []),
          ...after.map(asking),
        ],
      },
      ...bystanders.map(({ id, plan, turns }) => ({
        id,
        arrivesAtMs: plan.arrivesAtMs,
        confirms: plan.confirms,
        actions: [{ do: 'connect' } as const, ...turns.map(asking)],
      })),
    ],
    model: [
      ...[...turns, ...after].map((turn) => script(unlucky.user, turn)),
      ...bystanders.flatMap(({ id, turns }) => turns.map((turn) => script(id, turn))),
    ],
    faults: faults.map(boundFault),
    ...(process.length === 0 ? {} : { process: process.map(boundProcessFault) }),
    ...(secondGateway === undefined ? {} : { secondGateway }),
    contaminations: contaminations.map(boundContamination),
    schedule: [],
  };
}

interface Turn {
  readonly run: string;
  readonly thread: string;
  readonly ask: Ask;
}

function asking({ run, thread, ask }: Turn): CaseAction {
  return { do: 'ask', run, thread, request: ask.request };
}

function script(user: string, { run, ask }: Turn): ModelScript {
  return { user, run, sufficiency: ask.sufficiency, chunks: ask.chunks };
}

function boundFault({ of, at, fate }: FaultDraft): Fault {
  return { at: { ...at, user: unlucky.user, ...(of === 'run' ? { run: unlucky.run } : {}) }, fate };
}

function boundProcessFault({ of, at, fate }: ProcessFaultDraft): ProcessFault {
  return { at: { ...at, user: unlucky.user, ...(of === 'user' ? {} : { run: unlucky.run }) }, fate };
}

function boundContamination({
  place,
  recipe,
}: ContaminationDraft): Contamination & { path: (string | number)[] } {
  return {
    at: { wire: place.wire, user: unlucky.user, run: unlucky.run, kind: place.kind, count: 1 },
    path: [...place.path],
    recipe,
  };
}
