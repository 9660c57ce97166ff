import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseSchema } from '../case.ts';
import { quietPeers, races, slowAgents, slowAuthentication, withKnocks } from './knocks.ts';
import { casePlans } from './workload.ts';

const plans = withKnocks(
  casePlans({
    faults: fc.oneof(
      slowAuthentication.map((fault) => [fault]),
      slowAgents,
    ),
  }),
  fc.oneof(races(), quietPeers()),
);

describe('cases with knocks', () => {
  it('are cases', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        caseSchema.parse({ schema: 'faultline.case/1', scenario: 'x', seed: 1, ...plan });
      }),
    );
  });

  it('ask for no run twice, and for none after it was asked about', () => {
    fc.assert(
      fc.property(plans, ({ users }) => {
        const started = new Set<string>();
        for (const action of users[0]?.actions ?? []) {
          if (action.do === 'ask') started.add(action.run);
          if (action.do !== 'knock') continue;
          for (const said of action.says) {
            if (said.what === 'ping') continue;
            const isForged = said.run.startsWith('forged');
            expect(started.has(said.run)).toBe(said.what === 'resume' && !isForged);
            started.add(isForged ? '' : said.run);
          }
        }
      }),
    );
  });

  it('are mostly of good clients that do not wait, with every kind of race among them', () => {
    const knocks = fc.sample(races(), { seed: 1, numRuns: 500 }).flat();
    const share = (is: (knock: (typeof knocks)[number]) => boolean): number =>
      knocks.filter(is).length / knocks.length;
    expect(
      share(
        ({ token, offer, origin }) =>
          token === 'good' && offer !== 'without-subprotocol' && origin === 'none',
      ),
    ).toBeGreaterThan(0.75);
    for (const is of [
      (knock) => knock.says.some(({ at }) => at === 'upgrade'),
      (knock) => knock.says.some(({ at }) => at === 'answer'),
      (knock) => knock.pieces > 1,
      (knock) => knock.atOnce > 1,
      (knock) => knock.leaves?.after === 'upgrade',
      (knock) => knock.says.some(({ what }) => what === 'resume'),
    ] satisfies Parameters<typeof share>[0][])
      expect(share(is)).toBeGreaterThan(0.05);
    expect(share(({ says }) => says.length > 64)).toBeGreaterThan(0.01);
  });

  it('the agents are slow one by one, and never too slow together', () => {
    fc.assert(
      fc.property(slowAgents, (drafts) => {
        const delays = drafts.map(({ fate }) => (fate.do === 'delay' ? fate.ms : Number.NaN));
        expect(Math.max(...delays)).toBeLessThan(4_000);
        expect(delays.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(15_000);
      }),
    );
  });
});
