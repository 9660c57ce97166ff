import fc from 'fast-check';
import { type Case, caseSchemaId } from '../harness/case.ts';
import { badLuck } from '../harness/generators/bad-luck.ts';
import { withCanaries } from '../harness/generators/canaries.ts';
import { crowds } from '../harness/generators/crowd.ts';
import type { History } from '../harness/history.ts';
import { aFailureStaysWhereItHappened } from '../harness/invariants/a-failure-stays-where-it-happened.ts';
import { everyAcceptedRunEnds } from '../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsLostSilently } from '../harness/invariants/no-event-is-lost-silently.ts';
import { nobodySeesAnothersValues } from '../harness/invariants/nobody-sees-anothers-values.ts';
import { textOf } from '../harness/invariants/reading/json-shapes.ts';
import { untouchedRunsOf } from '../harness/invariants/reading/untouched-runs.ts';
import { foreignValuesFound, usersFollowed } from '../harness/isolation-figures.ts';
import type { World } from '../harness/world.ts';
import { createRealWorld } from '../harness/worlds/real/world.ts';
import { createSimulatedWorld } from '../harness/worlds/simulated/pool.ts';
import type { Figure } from './bench.ts';

const users = 200;
const simulatedCases = 5;
/** For real all are there at once, and each begins to ask within so long: their clients share this machine with the gateway. */
const beginWithinMs = 10_000;
/** What the incident's report asks for. */
const promisedMs = 10_000;

const invariants = [
  nobodySeesAnothersValues,
  aFailureStaysWhereItHappened,
  everyAcceptedRunEnds,
  everyRefusalIsExplained,
  noEventIsLostSilently,
];

/** Two hundred users at the same time, of whom some fail, flood, are poisoned or leave, in simulation: all ask at once. */
export async function crowd(): Promise<readonly Figure[]> {
  // A case of two hundred is no spinning one.
  const world = createSimulatedWorld({ spinLimitMs: 300_000 });
  try {
    return await figuresIn(world, crowdsOf(simulatedCases, 0));
  } finally {
    await world.close();
  }
}

/** The same over two hundred real WebSockets, once, on the best Redis of this machine. */
export async function crowdForReal(): Promise<readonly Figure[]> {
  const world = await createRealWorld({ redis: 'any' });
  try {
    return await figuresIn(world, crowdsOf(1, beginWithinMs));
  } finally {
    await world.close();
  }
}

async function figuresIn(world: World, cases: readonly Case[]): Promise<readonly Figure[]> {
  const waits: number[] = [];
  let [served, untouched, followed, values, foreign] = [0, 0, 0, 0, 0];
  const broken = new Set<string>();
  for (const playing of cases) {
    const history = await world.play(playing);
    for (const why of violationsIn(history)) broken.add(why);
    for (const { end, start, story } of untouchedRunsOf(history)) {
      // Who left before the run was accepted asked for nothing that anybody knows of.
      if (end === undefined && story.left && story.accepted.length === 0) continue;
      untouched += 1;
      if (end === undefined || !('payload' in end) || textOf(end.payload, 'status') !== 'complete') continue;
      served += 1;
      if (end.connection !== undefined) waits.push(end.at - start.at);
    }
    followed += usersFollowed.measure(history).hits;
    const found = foreignValuesFound.measure(history);
    [values, foreign] = [values + found.of, foreign + found.hits];
  }
  waits.sort((a, b) => a - b);
  const most = waits.at(-1) ?? Number.NaN;
  const ms = (value: number | undefined): string => `${Math.round(value ?? Number.NaN)} ms`;
  const at = (share: number): number | undefined => waits[Math.floor(share * (waits.length - 1))];
  return [
    { what: 'Redis', value: `${world.redis.version} (${world.redis.kind})` },
    { what: 'users, all cases together', value: `${followed} in ${cases.length}` },
    {
      what: 'invariants broken',
      value: broken.size === 0 ? 'none' : [...broken].slice(0, 3).join('; '),
      goal: { says: 'none', met: broken.size === 0 },
    },
    {
      what: 'foreign values found',
      value: `${foreign} of ${values}`,
      goal: { says: '0', met: foreign === 0 && values > 0 },
    },
    {
      what: 'runs served to which nothing was done',
      value: `${served} of ${untouched}`,
      goal: { says: 'all', met: served === untouched && untouched > 0 },
    },
    {
      what: 'from asking to the answer: p50, p99, most',
      value: `${ms(at(0.5))}, ${ms(at(0.99))}, ${ms(most)}`,
      goal: { says: `<= ${promisedMs / 1_000} s`, met: most <= promisedMs },
    },
  ];
}

function crowdsOf(count: number, withinMs: number): Case[] {
  const plans = withCanaries(
    crowds({ ...badLuck, others: users - 1, othersMin: users - 1, beginWithinMs: withinMs }),
  );
  return fc
    .sample(plans, { seed: users, numRuns: count })
    .map((plan, index) => ({ schema: caseSchemaId, scenario: 'bench/crowd', seed: index + 1, ...plan }));
}

function violationsIn(history: History): string[] {
  return invariants.flatMap(({ name, check }) => {
    const { verdict } = check(history);
    if (verdict.is === 'unsure') return [`${name} is unsure: ${verdict.why}`];
    return verdict.is === 'broken' ? verdict.violations.map(({ why }) => `${name}: ${why}`) : [];
  });
}
