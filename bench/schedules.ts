import fc from 'fast-check';
import type { Case } from '../harness/case.ts';
import { discoverIncidents, scenariosOf } from '../harness/discover.ts';
import { violationsOf } from '../harness/explore/failure.ts';
import { CaseRow } from '../harness/explore/generate.ts';
import {
  admission,
  chainsOf,
  delayBounded,
  holding,
  priorities,
  randomSchedule,
  stepOf,
  withSchedule,
} from '../harness/generators/schedules.ts';
import { firstRunsInWindows, windows } from '../harness/generators/windows.ts';
import type { CasePlan, Scenario } from '../harness/scenario.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import type { Figure } from './bench.ts';
import { median } from './rounds.ts';

const seeds = 11;
/** Cases after which a search is given up. */
const casesMax = 60;

const incidentId = '375';

/** How many cases each way to make schedules needs until the defects of one incident are found. */
export async function schedules(
  isWanted: (defect: string, strategy: string) => boolean = () => true,
): Promise<readonly Figure[]> {
  const incidents = await discoverIncidents();
  const incident = incidents.find(({ id }) => id === incidentId);
  const [target] = incident === undefined ? [] : scenariosOf([incident]);
  if (incident === undefined || target === undefined) throw new Error(`there is no incident ${incidentId}`);
  const pool = createSimulatedPool({ threads: 2 });
  try {
    const figures: Figure[] = [];
    for (const { name, breaks } of incident.defects) {
      const [expected] = breaks;
      const defect = { module: incident.defectsModule ?? '', name };
      const request = { module: target.module, scenario: target.scenario.id, defect };
      const isFoundIn = async (playing: Case): Promise<boolean> =>
        violationsOf(await pool.examine(playing, request)).some(
          ({ invariant }) => invariant === expected?.invariant,
        );
      for (const strategy of strategies(target.scenario)) {
        if (!isWanted(name, strategy.name)) continue;
        const searches = Array.from({ length: seeds }, (_, seed) =>
          search(strategy.row(seed + 1), isFoundIn),
        );
        const needed = await Promise.all(searches);
        figures.push({ what: `${name}: ${strategy.name}`, value: inWords(needed) });
      }
    }
    return figures;
  } finally {
    await pool.close();
  }
}

interface Strategy {
  readonly name: string;
  row(seed: number): CaseSource;
}

type CaseSource = (index: number) => Promise<Case>;

/** All of them know the same moments of the same runs. */
function strategies(scenario: Scenario): readonly Strategy[] {
  const door = { chains: firstRunsInWindows, moments: admission };
  const plans = windows().map(shortest);
  const drawn =
    (cases: fc.Arbitrary<CasePlan>) =>
    (seed: number): CaseSource => {
      const row = new CaseRow({ ...scenario, cases }, seed);
      return async (index) => row.at(index);
    };
  return [
    { name: 'latencies alone', row: drawn(plans) },
    { name: 'random constraints, at most 4', row: drawn(withSchedule(plans, randomSchedule(door, 4))) },
    { name: 'delay-bounded, at most 2', row: drawn(withSchedule(plans, delayBounded(door, 2))) },
    { name: 'priorities (PCT), depth 2', row: drawn(withSchedule(plans, priorities(door, 2))) },
    { name: 'priorities (PCT), depth 3', row: drawn(withSchedule(plans, priorities(door, 3))) },
    {
      name: "fast-check's scheduler",
      row: (seed) => {
        const source = drawn(plans)(seed);
        const schedulers = fc.sample(fc.scheduler(), { seed, numRuns: casesMax });
        return async (index) => {
          const playing = await source(index);
          const scheduler = schedulers[index];
          return scheduler === undefined
            ? playing
            : { ...playing, schedule: await orderBy(scheduler, playing) };
        };
      },
    },
  ];
}

/** What races is at the door: the work behind it may be short. */
function shortest(plan: CasePlan): CasePlan {
  return { ...plan, model: plan.model.map((script) => ({ ...script, sufficiency: 'insufficient' })) };
}

/** The moments of all runs in the order in which fast-check's scheduler lets them go, as constraints. */
async function orderBy(scheduler: fc.Scheduler, playing: Case): Promise<Case['schedule']> {
  const { schema: _schema, scenario: _scenario, seed: _seed, ...plan } = playing;
  const order: { readonly chain: string; readonly step: ReturnType<typeof stepOf> }[] = [];
  for (const chain of chainsOf(plan).filter(({ follows }) => !follows)) {
    scheduler.scheduleSequence(
      admission.map((_, step) => async () => {
        order.push({ chain: `${chain.user}/${chain.run}`, step: stepOf(chain, step, admission) });
      }),
    );
  }
  await scheduler.waitIdle();
  return order.flatMap(({ chain, step }, index) => {
    const before = order[index - 1];
    return before === undefined || before.chain === chain ? [] : [holding(step, before.step)];
  });
}

/** How many cases it took; undefined where it was given up. */
async function search(
  source: CaseSource,
  isFoundIn: (playing: Case) => Promise<boolean>,
): Promise<number | undefined> {
  for (let index = 0; index < casesMax; index++) {
    if (await isFoundIn(await source(index))) return index + 1;
  }
  return undefined;
}

function inWords(needed: readonly (number | undefined)[]): string {
  const found = needed.filter((cases) => cases !== undefined);
  const middle = median(needed.map((cases) => cases ?? Number.POSITIVE_INFINITY));
  const cases = Number.isFinite(middle) ? `${middle} cases` : `over ${casesMax} cases`;
  return `${cases} (found by ${found.length} of ${needed.length} seeds)`;
}
