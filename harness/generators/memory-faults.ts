import fc from 'fast-check';
import type { Case, CaseAction } from '../case.ts';
import type { Fault } from '../fault.ts';
import { agentPlaces, type Misbehaviour, misbehaviours, survivalOf } from '../misbehaviour.ts';
import type { CasePlan } from '../scenario.ts';
import type { FaultDraft } from './faults.ts';
import type { Moment, ProcessFaultDraft } from './process-faults.ts';

/** Something in the gateway's process takes so much memory for a time, from one of these moments on. Shrinks towards a short one. */
export function memoryFilled(
  bytes: number,
  ...at: readonly [Moment, ...Moment[]]
): fc.Arbitrary<ProcessFaultDraft> {
  return fc
    .record({
      moment: fc.constantFrom(...at),
      nth: fc.nat(59),
      // Long enough for a user of a slow machine to ask again meanwhile.
      ms: fc.integer({ min: 4_000, max: 6_000 }),
    })
    .map(({ moment: { times, ...kind }, nth, ms }) => ({
      at: { ...kind, count: 1 + (nth % times) },
      fate: { do: 'fill-memory', bytes, ms },
    }));
}

/**
 * One of these tools comes with much more than was asked for: sometimes well within what a run may hold,
 * mostly more than all of it. Shrinks towards the least that is too much.
 */
export function toolSwells(
  runBytes: number,
  ...tools: readonly [string, ...string[]]
): fc.Arbitrary<FaultDraft> {
  return fc
    .record({
      kind: fc.constantFrom(...tools),
      bytes: fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: Math.ceil(1.2 * runBytes), max: 4 * runBytes }) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: Math.floor(runBytes / 16) }) },
      ),
    })
    .map(({ kind, bytes }) => ({
      of: 'run',
      at: { wire: 'tool', direction: 'reply', kind, count: 1 },
      fate: { do: 'swell', bytes },
    }));
}

/** The same cases; each run may hold so much. */
export function withRunBytes(plans: fc.Arbitrary<CasePlan>, runBytes: number): fc.Arbitrary<CasePlan> {
  return plans.map((plan) => ({ ...plan, limits: { ...plan.limits, runBytes } }));
}

/**
 * The same cases with agents in one of the places, and mostly a turn of the unlucky run in which the agent does
 * something that the place survives in place of its work. Shrinks towards agents in process, which do nothing.
 */
export function withMisbehavingAgents(
  plans: fc.Arbitrary<CasePlan>,
  ...agents: readonly [string, ...string[]]
): fc.Arbitrary<CasePlan> {
  const inPlace = fc.constantFrom(...agentPlaces).chain((agentPlace) => {
    const survived: Misbehaviour[] = Object.values(misbehaviours).filter(
      (fate) => 'code' in survivalOf(agentPlace, fate),
    );
    const faults = fc.array(
      fc.record({ kind: fc.constantFrom(...agents), fate: fc.constantFrom(...survived) }),
      { maxLength: 1 },
    );
    return fc.record({ agentPlace: fc.constant(agentPlace), faults });
  });
  return fc.record({ plan: plans, inPlace }).map(({ plan, inPlace: { agentPlace, faults } }) => ({
    ...plan,
    ...(agentPlace === 'in-process' ? {} : { agentPlace }),
    faults: [
      ...plan.faults,
      ...faults.map(({ kind, fate }): Case['faults'][number] => ({
        at: { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind, count: 1 },
        fate,
      })),
    ],
  }));
}

/**
 * The same cases; then the first user asks a run that brought much, reads nothing any more, asks again and again
 * for all of that run, and leaves. Shrinks towards the fewest times that are too many for any buffer.
 */
export function withReaderWhoDoesNotRead(plans: fc.Arbitrary<CasePlan>): fc.Arbitrary<CasePlan> {
  return fc
    .record({
      plan: plans,
      times: fc.integer({ min: 170, max: 180 }),
      bytes: fc.integer({ min: 140_000, max: 160_000 }),
    })
    .map(({ plan, times, bytes }) => {
      const [first, ...others] = plan.users;
      if (first === undefined) return plan;
      const again: CaseAction = {
        do: 'send',
        text: JSON.stringify({ type: 'resume', run_id: 'run-1', after: 0 }),
      };
      const much: Fault = {
        at: {
          wire: 'tool',
          direction: 'reply',
          user: first.id,
          run: 'run-1',
          kind: 'fetch_usage_metrics',
          count: 1,
        },
        fate: { do: 'swell', bytes },
      };
      return {
        ...plan,
        users: [
          {
            ...first,
            actions: [
              ...first.actions,
              { do: 'stall', ms: readsNothingMs + 1_000 },
              ...Array.from({ length: times }, () => again),
              { do: 'wait', ms: readsNothingMs },
              { do: 'leave' },
            ],
          },
          ...others,
        ],
        faults: [...plan.faults, much],
      };
    });
}

/** Shorter than a silent peer is let be. */
const readsNothingMs = 2_000;
