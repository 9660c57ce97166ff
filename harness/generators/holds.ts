import fc from 'fast-check';
import type { ScheduleConstraint } from '../fault.ts';
import type { Pattern } from '../message.ts';

/** One user's message that waits for another's, before it was bound to the two. */
export interface HoldDraft {
  /** Whether the one user waits, or one of the others does. */
  readonly waits: 'one' | 'other';
  /** Which of the others: counted round. */
  readonly other: number;
  readonly hold: Moment;
  readonly until: Moment;
  readonly atMostMs: number;
}

type Moment = Omit<Pattern, 'user' | 'run'>;

/** Up to so many; shrinks towards none. */
export function holds(atMost: number): fc.Arbitrary<readonly HoldDraft[]> {
  return fc.array(
    fc.record({
      waits: fc.constantFrom<HoldDraft['waits']>('one', 'other'),
      other: fc.nat(1_000),
      hold: moment,
      until: moment,
      // Shorter than any deadline: waiting is no failure.
      atMostMs: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: atMost },
  );
}

/** A draft between the first runs of one user and of one among the others. */
export function holdBetween(draft: HoldDraft, one: string, others: readonly string[]): ScheduleConstraint {
  const other = others[draft.other % others.length] ?? one;
  const [waiting, awaited] = draft.waits === 'one' ? [one, other] : [other, one];
  return {
    hold: { ...draft.hold, user: waiting, run: 'run-1' },
    until: { ...draft.until, user: awaited, run: 'run-1' },
    atMostMs: draft.atMostMs,
  };
}

const agent = fc.constantFrom('triage', 'data', 'optimization', 'actions', 'reporting');

/** Where a run waits for somebody else, and others come in between: the store, the model, an agent, a tool, its user. */
const moment: fc.Arbitrary<Moment> = fc.oneof(
  fc.record({
    wire: fc.constant('redis' as const),
    direction: fc.constantFrom('request' as const, 'reply' as const),
    kind: fc.constantFrom('xadd.events', 'set.state', 'set.delivery'),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    wire: fc.constantFrom('agent' as const, 'model' as const),
    direction: fc.constantFrom('request' as const, 'reply' as const),
    kind: agent,
    count: fc.constant(1),
  }),
  fc.record({
    wire: fc.constant('tool' as const),
    direction: fc.constantFrom('request' as const, 'reply' as const),
    kind: fc.constant('fetch_usage_metrics'),
    count: fc.constant(1),
  }),
  fc.constant({
    wire: 'client' as const,
    direction: 'request' as const,
    kind: 'start_agent',
    count: 1,
  }),
);
