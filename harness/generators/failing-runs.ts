import fc from 'fast-check';
import type { CaseAction, CaseUser, ModelScript } from '../case.ts';
import type { CasePlan } from '../scenario.ts';
import type { FaultDraft } from './faults.ts';
import { kept } from './kept.ts';
import { requests } from './requests.ts';

/**
 * Cases of a user, alice, whose first runs fail all in the same way, and who asks clean things afterwards: the
 * same again, something in another thread, and, having left and come back, once more. Alone; or beside others
 * (bob, mostly carol), who ask one thing after the other meanwhile and to whom nothing is done. Shrinks towards
 * one failure and one clean request.
 */
export function failuresThenCleanRuns(
  failure: fc.Arbitrary<FaultDraft>,
  company: 'alone' | 'beside others',
  failuresMax = 6,
): fc.Arbitrary<CasePlan> {
  const inCompany = company === 'beside others';
  return fc
    .record({
      failure,
      // Mostly few; now and then as many as whatever counts failures may stand.
      failures: fc.oneof(
        { withCrossShrink: true },
        { weight: 3, arbitrary: fc.integer({ min: inCompany ? 0 : 1, max: 2 }) },
        { weight: 1, arbitrary: fc.integer({ min: 3, max: failuresMax }) },
      ),
      request: fc.constantFrom(...requests),
      again: asked,
      elsewhere: asked,
      afterReturn: asked,
      bob: fc.record({ kept: inCompany ? kept : fc.constant(false), ...companion }),
      carol: fc.record({ kept: inCompany ? fc.boolean() : fc.constant(false), ...companion }),
    })
    .map(assemble);
}

const asked = fc.record({
  kept,
  request: fc.constantFrom(...requests),
  sufficiency: fc.constantFrom<ModelScript['sufficiency']>(
    'sufficient',
    'sufficient',
    'sufficient',
    'partial',
    'insufficient',
    'unknown',
  ),
  chunks: fc.integer({ min: 1, max: 4 }),
});
const companion = {
  arrivesAtMs: fc.integer({ min: 0, max: 30 }),
  asks: fc.array(asked, { minLength: 1, maxLength: 2 }),
};

interface Asked {
  readonly kept: boolean;
  readonly request: string;
  readonly sufficiency: ModelScript['sufficiency'];
  readonly chunks: number;
}

interface Companion {
  readonly kept: boolean;
  readonly arrivesAtMs: number;
  readonly asks: readonly Asked[];
}

interface Plan {
  readonly failure: FaultDraft;
  readonly failures: number;
  readonly request: string;
  readonly again: Asked;
  readonly elsewhere: Asked;
  readonly afterReturn: Asked;
  readonly bob: Companion;
  readonly carol: Companion;
}

interface Turn extends Pick<Asked, 'request' | 'sufficiency' | 'chunks'> {
  readonly user: string;
  readonly run: string;
  readonly thread: string;
}

function assemble(plan: Plan): CasePlan {
  const { failure, failures, request, again, elsewhere, afterReturn } = plan;
  const failing = Array.from({ length: failures }, (_, index): Turn => {
    return { ...alice(index + 1, 'thread-1'), request, sufficiency: 'sufficient', chunks: 1 };
  });
  const clean: Turn[] = [
    ...(again.kept ? [{ ...again, ...alice(11, 'thread-1'), request }] : []),
    ...(elsewhere.kept ? [{ ...elsewhere, ...alice(12, 'thread-2') }] : []),
  ];
  const returned: Turn[] = afterReturn.kept ? [{ ...afterReturn, ...alice(13, 'thread-1') }] : [];
  const others = [
    { id: 'bob', ...plan.bob },
    { id: 'carol', ...plan.carol },
  ]
    .filter((other) => other.kept)
    .map(({ id, arrivesAtMs, asks }) => ({
      user: userWith(
        id,
        arrivesAtMs,
        asks.map((each, index) => asking(companionTurn(id, index, each))),
      ),
      turns: asks.map((each, index) => companionTurn(id, index, each)),
    }));
  const turns = [...failing, ...clean, ...returned, ...others.flatMap((other) => other.turns)];
  const hers = userWith('alice', 0, [
    ...[...failing, ...clean].map(asking),
    ...(returned.length > 0 ? [{ do: 'leave' } as const, { do: 'connect' } as const] : []),
    ...returned.map(asking),
  ]);
  // Where she asks nothing any more, others make the case.
  const isThere = failing.length + clean.length + returned.length > 0 || others.length === 0;
  return {
    users: [...(isThere ? [hers] : []), ...others.map(({ user }) => user)],
    model: turns.map(({ user, run, sufficiency, chunks }) => ({ user, run, sufficiency, chunks })),
    faults: failing.map(({ user, run }) => ({ at: { ...failure.at, user, run }, fate: failure.fate })),
    contaminations: [],
    schedule: [],
  };
}

function alice(number: number, thread: string): { user: string; run: string; thread: string } {
  return { user: 'alice', run: `run-${number}`, thread };
}

function companionTurn(user: string, index: number, each: Asked): Turn {
  return { ...each, user, run: `run-${index + 1}`, thread: `thread-${1 + (index % 2)}` };
}

function asking({ run, thread, request }: Turn): CaseAction {
  return { do: 'ask', run, thread, request };
}

function userWith(id: string, arrivesAtMs: number, actions: readonly CaseAction[]): CaseUser {
  return { id, arrivesAtMs, confirms: 'all', actions: [{ do: 'connect' }, ...actions] };
}
