import type { Case } from '../harness/case.ts';
import { discoverIncidents, scenariosOf } from '../harness/discover.ts';
import { eventsOf } from '../harness/history.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import type { Figure } from './bench.ts';
import { bareRedisLoop } from './redis-loop.ts';
import { compare } from './rounds.ts';
import { whereTheTimeGoes } from './where-the-time-goes.ts';

const asks = 10;
const casesInRound = 40;
const rounds = 15;

/** Whole simulated runs, judged and hashed, beside the bare loop of the Redis client. */
export async function simulation(): Promise<readonly Figure[]> {
  const [target] = scenariosOf(await discoverIncidents());
  if (target === undefined) throw new Error('there is no scenario to measure with');
  const request = { module: target.module, scenario: target.scenario.id };
  const one = createSimulatedPool({ threads: 1 });
  const two = createSimulatedPool({ threads: 2 });
  try {
    const history = await one.play(workload(target.scenario.id, 0));
    const messages = eventsOf(history, 'passed').length;
    const commands = eventsOf(history, 'passed').filter(({ message }) =>
      message?.startsWith('redis>'),
    ).length;
    const virtualMs = history.events.at(-1)?.at ?? 0;
    const ended = eventsOf(history, 'seen').filter(
      ({ frame }) => (frame as { type?: string })?.type === 'run_completed',
    ).length;
    if (ended !== asks)
      throw new Error(`the workload did not end as it should: ${ended} of ${asks} runs completed`);
    let seed = 0;
    const runsPerSecond = async (pool: typeof one): Promise<number> => {
      const started = performance.now();
      const playing = Array.from({ length: casesInRound }, () => workload(target.scenario.id, ++seed));
      await Promise.all(playing.map((each) => pool.examine(each, request)));
      return (casesInRound * asks) / ((performance.now() - started) / 1000);
    };
    const [peer, single, double] = await compare(
      [
        { name: 'bare ioredis loop', rate: () => bareRedisLoop(20_000) },
        { name: 'simulated messages', rate: async () => ((await runsPerSecond(one)) * messages) / asks },
        { name: 'simulated runs, two threads', rate: () => runsPerSecond(two) },
      ],
      rounds,
    );
    if (peer === undefined || single === undefined || double === undefined)
      throw new Error('nothing was compared');
    const runs = (single.rate / messages) * asks;
    const peerName = `bare ioredis loop (${whole(peer.rate)} commands/s)`;
    return [
      { what: 'one run', value: `${(messages / asks).toFixed(0)} messages` },
      { what: '  of them Redis commands', value: (commands / asks).toFixed(1) },
      {
        what: 'whole runs a second and core, judged, hashed',
        value: whole(runs),
        goal: { says: '>= 500', met: runs >= 500 },
      },
      {
        what: 'messages a second and core',
        value: whole(single.rate),
        peer: peerName,
        ratio: single.ratio,
        goal: { says: '>= 0.5, later', met: null },
      },
      { what: 'simulated seconds a second and core', value: whole((runs / asks) * (virtualMs / 1000)) },
      {
        what: 'two threads',
        value: `${whole(double.rate)} runs/s`,
        peer: 'one thread',
        ratio: double.rate / runs,
        goal: { says: '>= 1.8', met: double.rate / runs >= 1.8 },
      },
      ...(await whereTheTimeGoes(
        Array.from({ length: 200 }, (_, index) => workload(target.scenario.id, index)),
        request,
      )),
    ];
  } finally {
    await one.close();
    await two.close();
  }
}

/** The fixed workload: one connection, ten runs, five agents in each. */
function workload(scenario: string, seed: number): Case {
  const runs = Array.from({ length: asks }, (_, index) => `run-${index + 1}`);
  return {
    schema: 'faultline.case/1',
    scenario,
    seed,
    users: [
      {
        id: 'alice',
        arrivesAtMs: 0,
        confirms: 'all',
        actions: [
          { do: 'connect' },
          ...runs.map((run) => ({
            do: 'ask' as const,
            run,
            thread: 'thread-1',
            request: `Analyze my API response times, ${run}`,
          })),
        ],
      },
    ],
    model: runs.map((run) => ({ user: 'alice', run, sufficiency: 'sufficient' as const, chunks: 3 })),
    faults: [],
    contaminations: [],
    schedule: [],
  };
}

function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
