import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseSchema, caseSchemaId } from '../case.ts';
import { describeCase } from '../explore/describe-case.ts';
import { fits } from '../fault.ts';
import { withRunBesideAskedFor } from './beside.ts';
import { withCalm } from './calm.ts';
import { storms } from './storms.ts';
import { casePlans } from './workload.ts';

const plans = withRunBesideAskedFor(withCalm(casePlans(storms())));

describe('storms', () => {
  it('are cases that a world can play, with everything in them that can befall the way to a user', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(plans, (plan) => {
        const playing = caseSchema.parse({ schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan });
        for (const { at, fate } of playing.faults) {
          seen.add(`${fate.do} ${at.wire}`);
          expect(fits(fate.do, { wire: at.wire, direction: at.direction ?? 'request' })).toBe(true);
        }
        for (const { fate } of playing.process ?? []) seen.add(fate.do);
        if (playing.secondGateway !== undefined) seen.add(playing.secondGateway);
        for (const line of describeCase(playing)) expect(line).not.toContain('undefined');
      }),
      { seed: 4, numRuns: 600 },
    );
    expect([...seen].sort()).toEqual(
      [
        ...['close', 'cut', 'delay', 'drop', 'duplicate', 'fragment', 'garble', 'half-open', 'reorder'].map(
          (fate) => `${fate} client`,
        ),
        ...['split client', 'stall client', 'cut redis', 'delay redis', 'drop redis', 'duplicate redis'],
        ...['fail redis', 'half-open redis', 'split redis', 'stall redis', 'stands-by', 'takes-turns'],
        ...['fill-redis', 'jump-clock', 'kill-gateway', 'kill-redis', 'read-only-redis', 'stall-redis'],
      ].sort(),
    );
  });

  it('are followed by a calm in which everybody asks, and the unconfirmed run is asked for at the very end', () => {
    for (const { users, model } of fc.sample(plans, { seed: 4, numRuns: 20 })) {
      for (const { id, actions } of users) {
        expect(actions).toContainEqual(expect.objectContaining({ do: 'ask', run: 'run-calm' }));
        expect(model).toContainEqual(expect.objectContaining({ user: id, run: 'run-calm' }));
      }
      const [, asked] = users[0]?.actions.slice(-3) ?? [];
      expect(asked).toMatchObject({ do: 'send', text: expect.stringContaining('"resume"') });
    }
  });

  it('shrink to nothing that befalls anything', () => {
    const found = fc.check(
      fc.property(plans, () => false),
      { seed: 4 },
    );
    const [smallest] = found.counterexample ?? [];
    expect(smallest).toMatchObject({ faults: [], users: [{ id: 'alice' }] });
    expect(smallest).not.toHaveProperty('process');
  });
});
