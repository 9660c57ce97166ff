import fc from 'fast-check';
import type { Case, CaseAction, CaseUser, ModelScript } from '../case.ts';
import type { CasePlan } from '../scenario.ts';
import type { ContaminationDraft } from './contaminations.ts';
import type { FaultDraft } from './faults.ts';
import { type HoldDraft, holdBetween } from './holds.ts';
import { kept } from './kept.ts';
import { requests } from './requests.ts';

export interface CrowdOptions {
  /** Who else may be there, by name, for whoever has to know it beforehand; or how many, at most, and at the least (0). */
  readonly others: readonly string[] | number;
  readonly othersMin?: number;
  /** What befalls those who have bad luck, in the first run of each. */
  readonly faults: fc.Arbitrary<FaultDraft>;
  readonly contaminations: fc.Arbitrary<readonly ContaminationDraft[]>;
  /** All are there at once, and each begins to ask within so long (0). */
  readonly beginWithinMs?: number;
  /** Who waits for whom; absent: all go as they come. */
  readonly holds?: fc.Arbitrary<readonly HoldDraft[]>;
}

/**
 * Cases of many users at the same time. Alice asks one thing after the other, and nothing is done to her. Of the
 * others some are as she is; some meet a fault or poison, some send far more than they may, some leave in the
 * middle of a run and never come back. Shrinks towards alice with one request, and nobody else.
 */
export function crowds(options: CrowdOptions): fc.Arbitrary<CasePlan> {
  const { others, othersMin = 0, beginWithinMs = 0, faults, contaminations, holds } = options;
  const beginsAfterMs = fc.integer({ min: 0, max: beginWithinMs });
  const member = fc.record({
    arrivesAtMs,
    beginsAfterMs,
    first: asked,
    second: fc.record({ kept: fc.boolean(), asked }),
    fortune: fc.oneof(
      { withCrossShrink: true },
      { weight: 4, arbitrary: fc.constant<Fortune>({ is: 'calm' }) },
      { weight: 2, arbitrary: faults.map((fault): Fortune => ({ is: 'unlucky', fault })) },
      { weight: 1, arbitrary: contaminations.map((drafts): Fortune => ({ is: 'poisoned', drafts })) },
      { weight: 1, arbitrary: fc.constant<Fortune>({ is: 'floods' }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }).map((ms): Fortune => ({ is: 'leaves', ms })) },
    ),
  });
  return fc
    .record({
      arrivesAtMs,
      beginsAfterMs,
      asks: fc.tuple(asked, fc.record({ kept, asked }), fc.record({ kept: fc.boolean(), asked })),
      members: typeof others === 'number' ? numbered(member, othersMin, others) : named(member, others),
      holds: holds ?? fc.constant([]),
    })
    .map(assemble);
}

/** Whoever is dropped, the others keep their names. */
function numbered(member: fc.Arbitrary<Drawn>, min: number, max: number): fc.Arbitrary<Member[]> {
  const numbers = fc.noShrink(fc.nat(99_999));
  return fc
    .uniqueArray(fc.record({ number: numbers, member }), {
      minLength: min,
      maxLength: max,
      selector: ({ number }) => number,
      size: 'max',
    })
    .map((drawn) => drawn.map(({ number, member: each }) => ({ ...each, id: `user-${number}` })));
}

function named(member: fc.Arbitrary<Drawn>, names: readonly string[]): fc.Arbitrary<Member[]> {
  return fc
    .tuple(...names.map(() => fc.record({ isThere: kept, member })))
    .map((drawn) =>
      drawn.flatMap(({ isThere, member: each }, index) =>
        isThere ? [{ ...each, id: names[index] ?? '' }] : [],
      ),
    );
}

/** What a member of a crowd may send at once, and then in a second: a flood is far more. */
export const floodLimits = { messagesPerSecond: 40, messageBurst: 40 } as const;

type Fortune =
  | { readonly is: 'calm' | 'floods' }
  | { readonly is: 'unlucky'; readonly fault: FaultDraft }
  | { readonly is: 'poisoned'; readonly drafts: readonly ContaminationDraft[] }
  | { readonly is: 'leaves'; readonly ms: number };

const arrivesAtMs = fc.integer({ min: 0, max: 40 });
const asked = fc.record({
  request: fc.constantFrom(...requests),
  sufficiency: fc.constantFrom<ModelScript['sufficiency']>(
    ...Array<'sufficient'>(5).fill('sufficient'),
    'partial',
    'insufficient',
    'unknown',
  ),
  chunks: fc.integer({ min: 1, max: 4 }),
});

interface Asked {
  readonly request: string;
  readonly sufficiency: ModelScript['sufficiency'];
  readonly chunks: number;
}

interface Member extends Drawn {
  readonly id: string;
}

interface Drawn {
  readonly arrivesAtMs: number;
  readonly beginsAfterMs: number;
  readonly first: Asked;
  readonly second: { readonly kept: boolean; readonly asked: Asked };
  readonly fortune: Fortune;
}

interface Plan {
  readonly arrivesAtMs: number;
  readonly beginsAfterMs: number;
  readonly asks: readonly [Asked, { kept: boolean; asked: Asked }, { kept: boolean; asked: Asked }];
  readonly members: readonly Member[];
  readonly holds: readonly HoldDraft[];
}

type Part = Pick<Case, 'model' | 'faults' | 'contaminations'> & { readonly user: CaseUser };

function assemble(plan: Plan): CasePlan {
  const [first, second, third] = plan.asks;
  const asks = [first, ...[second, third].filter((each) => each.kept).map((each) => each.asked)];
  const alice: Part = {
    user: userWith(
      'alice',
      plan,
      asks.map((each, index) => asking(index + 1, each)),
    ),
    model: asks.map((each, index) => script('alice', index + 1, each)),
    faults: [],
    contaminations: [],
  };
  const parts = [alice, ...plan.members.map(partOf)];
  const ids = plan.members.map(({ id }) => id);
  return {
    limits: floodLimits,
    users: parts.map(({ user }) => user),
    model: parts.flatMap(({ model }) => model),
    faults: parts.flatMap(({ faults }) => faults),
    contaminations: parts.flatMap(({ contaminations }) => contaminations),
    schedule: ids.length === 0 ? [] : plan.holds.map((hold) => holdBetween(hold, 'alice', ids)),
  };
}

function partOf(member: Member): Part {
  const { id, second, fortune } = member;
  // The longest way through the workflow, so that whatever is to befall a run can.
  const isLong = fortune.is === 'unlucky' || fortune.is === 'poisoned';
  const first: Asked = isLong ? { ...member.first, sufficiency: 'sufficient' } : member.first;
  const asks = [asking(1, first), ...(second.kept ? [asking(2, second.asked)] : [])];
  const own = { user: id, run: 'run-1' };
  return {
    user: userWith(id, member, actionsOf(fortune, asks)),
    model: [script(id, 1, first), ...(second.kept ? [script(id, 2, second.asked)] : [])],
    faults:
      fortune.is === 'unlucky'
        ? [
            {
              at: { ...fortune.fault.at, ...(fortune.fault.of === 'run' ? own : { user: id }) },
              fate: fortune.fault.fate,
            },
          ]
        : [],
    contaminations:
      fortune.is === 'poisoned'
        ? fortune.drafts.map(({ place: { wire, kind, path }, recipe }) => ({
            at: { wire, kind, ...own, count: 1 },
            path: [...path],
            recipe,
          }))
        : [],
  };
}

function actionsOf(fortune: Fortune, asks: readonly (CaseAction & { do: 'ask' })[]): CaseAction[] {
  if (fortune.is === 'floods') return [...flood, ...asks];
  if (fortune.is !== 'leaves') return [...asks];
  return [...asks.map(starting), { do: 'wait', ms: fortune.ms }, { do: 'leave' }];
}

/** Half as much again as may come at once. */
const flood = Array.from({ length: 1.5 * floodLimits.messageBurst }, (): CaseAction => {
  return { do: 'send', text: '{"type":"ping"}' };
});

/** Beneath the client, which would wait for the end. */
function starting({ run, thread, request }: CaseAction & { do: 'ask' }): CaseAction {
  const frame = { type: 'start_agent', run_id: run, thread_id: thread, payload: { user_request: request } };
  return { do: 'send', text: JSON.stringify(frame) };
}

function asking(number: number, { request }: Asked): CaseAction & { do: 'ask' } {
  return { do: 'ask', run: `run-${number}`, thread: `thread-${1 + (number % 2)}`, request };
}

function script(user: string, number: number, { sufficiency, chunks }: Asked): ModelScript {
  return { user, run: `run-${number}`, sufficiency, chunks };
}

function userWith(
  id: string,
  { arrivesAtMs, beginsAfterMs: ms }: Pick<Member, 'arrivesAtMs' | 'beginsAfterMs'>,
  actions: readonly CaseAction[],
): CaseUser {
  const pause: CaseAction[] = ms === 0 ? [] : [{ do: 'wait', ms }];
  return { id, arrivesAtMs, confirms: 'all', actions: [{ do: 'connect' }, ...pause, ...actions] };
}
