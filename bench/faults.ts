import type { Examination } from '../harness/explore/examination.ts';
import { type ExaminationRoom, roomIn } from '../harness/explore/examine.ts';
import { violationsOf } from '../harness/explore/failure.ts';
import { CaseRow } from '../harness/explore/generate.ts';
import type { Scenario } from '../harness/scenario.ts';
import { entryPoint } from '../harness/worlds/entry-point.ts';
import { createRealWorld } from '../harness/worlds/real/world.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import type { Figure } from './bench.ts';
import rows from './fault-rows.ts';

const seed = 373;
const module = entryPoint(import.meta.url, './fault-rows').url.href;
/** Accepted events for each kind of fault: more than 100,000 in simulation together, and 20,000 in the real world. */
const events = { simulated: 4_000, real: 750 };
/** Of so many cases in a row in which nothing fired, none will. */
const idleMost = 20;

/** What becomes of accepted events under each kind of fault, first in simulation, then on the best real Redis there is. */
export async function faults(): Promise<readonly Figure[]> {
  const pool = createSimulatedPool();
  try {
    const simulated = await inWorld('simulated', events.simulated, () => pool);
    const world = await createRealWorld({ redis: process.env.FAULTLINE_REDIS ?? 'any' });
    try {
      const name = `Redis ${world.redis.version} (${world.redis.kind})`;
      return [...simulated, ...(await inWorld(name, events.real, (scenario) => roomIn(world, scenario)))];
    } finally {
      await world.close();
    }
  } finally {
    await pool.close();
  }
}

async function inWorld(
  world: string,
  eventsMin: number,
  room: (scenario: Scenario) => ExaminationRoom,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const total = new Sum();
  for (const scenario of rows) {
    const sum = await under(scenario, eventsMin, room(scenario));
    total.take(sum);
    figures.push(figure(`${world}, ${scenario.title}`, sum));
    process.stderr.write(`${world}, ${scenario.title}: ${sum.inWords}\n`);
  }
  return [...figures, figure(`${world}, all of these`, total)];
}

/** Plays cases until so many events were accepted in those in which the fault fired. */
async function under(scenario: Scenario, eventsMin: number, room: ExaminationRoom): Promise<Sum> {
  const row = new CaseRow(scenario, seed);
  const sum = new Sum();
  for (let index = 0, idle = 0; sum.accepted < eventsMin && idle < idleMost; index++) {
    const examination = await room.examine(row.at(index), { module, scenario: scenario.id });
    const isIdle = examination.faults.length > 0 && examination.faults.every(({ fired }) => fired === 0);
    idle = isIdle ? idle + 1 : 0;
    if (!isIdle) sum.add(examination);
  }
  return sum;
}

class Sum {
  accepted = 0;
  fired = 0;
  kills = 0;
  readonly #of = new Map<string, number>();
  readonly #broken: string[] = [];

  add(examination: Examination): void {
    for (const { name, hits, of } of examination.metrics) {
      this.#of.set(name, (this.#of.get(name) ?? 0) + hits);
      if (name === 'events delivered') this.accepted += of;
    }
    for (const { name, fired } of examination.faults) {
      this.fired += fired;
      if (name.startsWith('kill-')) this.kills += fired;
    }
    this.#broken.push(...violationsOf(examination).map(({ invariant, why }) => `${invariant}: ${why}`));
  }

  take(other: Sum): void {
    this.accepted += other.accepted;
    this.fired += other.fired;
    this.kills += other.kills;
    for (const [name, hits] of other.#of) this.#of.set(name, (this.#of.get(name) ?? 0) + hits);
    this.#broken.push(...other.#broken);
  }

  get lostSilently(): number {
    return this.#of.get('events silently lost') ?? 0;
  }

  get holds(): boolean {
    return this.lostSilently === 0 && this.#broken.length === 0;
  }

  get inWords(): string {
    const share = (name: string): string =>
      `${((100 * (this.#of.get(name) ?? 0)) / this.accepted).toFixed(2)} %`;
    return [
      `${this.fired} faults${this.kills === 0 ? '' : ` (${this.kills} SIGKILLs)`}`,
      `${this.accepted} accepted`,
      `${share('events delivered')} delivered`,
      `${share('events confirmed')} confirmed`,
      `${this.#of.get('events surfaced as lost or unconfirmed') ?? 0} surfaced`,
      `${this.lostSilently} silently lost`,
      ...this.#broken,
    ].join(', ');
  }
}

function figure(what: string, sum: Sum): Figure {
  return {
    what,
    value: sum.inWords,
    goal: { says: '0 silently lost, in order, none twice', met: sum.accepted > 0 && sum.holds },
  };
}
