import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseSchema, caseSchemaId } from '../case.ts';
import { describeCase } from '../explore/describe-case.ts';
import { connectionDisturbed } from './faults.ts';
import { clockJumps, gatewayKilled, moments, redisAils, redisKilled } from './process-faults.ts';
import { casePlans } from './workload.ts';

const befalling = fc.oneof(
  gatewayKilled(...moments),
  redisKilled(...moments),
  redisAils(...moments),
  clockJumps(...moments),
);

const plans = casePlans({
  faults: connectionDisturbed('reply', 'agent_started', 'run_completed').map((fault) => [fault]),
  process: befalling.map((fault) => [fault]),
  secondGateway: fc.constantFrom(undefined, 'stands-by', 'takes-turns'),
});

describe('cases in which something befalls processes', () => {
  it('are cases, in which everything happens to the first run, and are told in words', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(plans, (plan) => {
        const playing = caseSchema.parse({ schema: caseSchemaId, scenario: 'test/any', seed: 1, ...plan });
        for (const { at, fate } of playing.process ?? []) {
          seen.add(fate.do);
          expect(at).toMatchObject({ user: 'alice', run: 'run-1' });
        }
        for (const { fate } of playing.faults) seen.add(fate.do);
        for (const line of describeCase(playing)) expect(line).not.toContain('undefined');
      }),
      { seed: 4, numRuns: 200 },
    );
    expect([...seen].sort()).toEqual(
      [
        ...['close', 'cut', 'fragment', 'half-open', 'split', 'stall'],
        ...['fill-redis', 'jump-clock', 'kill-gateway', 'kill-redis', 'read-only-redis', 'stall-redis'],
      ].sort(),
    );
  });

  it('shrink to the first moment, and what is mildest', () => {
    const found = fc.check(
      fc.property(redisKilled(...moments), () => false),
      { seed: 4 },
    );
    const { times: _, ...first } = moments[0];
    expect(found.counterexample).toEqual([
      { at: { ...first, count: 1 }, fate: { do: 'kill-redis', backAfterMs: 0, data: 'kept' } },
    ]);
  });
});
