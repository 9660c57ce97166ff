import type { Case } from '../harness/case.ts';
import { discoverIncidents, scenariosOf } from '../harness/discover.ts';
import type { Examination, ExaminationRequest } from '../harness/explore/examination.ts';
import { eventsOf, type History } from '../harness/history.ts';
import { historyText } from '../harness/history-file.ts';
import { entryPoint } from '../harness/worlds/entry-point.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import type { Figure } from './bench.ts';
import { bareRedisLoop } from './redis-loop.ts';
import { compare, median, ratioOf } from './rounds.ts';
import { whereTheTimeGoes } from './where-the-time-goes.ts';

const asks = 10;
const agentsInRun = 5;
const casesInRound = 40;
const rounds = 15;

/** Whole simulated runs, judged and hashed, beside the bare loop of the Redis client. */
export async function simulation(): Promise<readonly Figure[]> {
  // The one that has most to judge.
  const [target] = scenariosOf(await discoverIncidents()).sort(
    (a, b) => b.scenario.invariants.length - a.scenario.invariants.length,
  );
  if (target === undefined) throw new Error('there is no scenario to measure with');
  const own = { module: target.module, scenario: target.scenario.id };
  const defect = { module: entryPoint(import.meta.url, './light-agents').url.href, name: 'light-agents' };
  const request = { ...own, defect };
  const one = createSimulatedPool({ threads: 1 });
  const two = createSimulatedPool({ threads: 2 });
  // Of its own: what else a thread has played makes it slower.
  const forHeavy = createSimulatedPool({ threads: 1 });
  try {
    const history = await one.play(workload(target.scenario.id, 0), { defect });
    mustBeWhole(history);
    const withOwnAgents = await forHeavy.play(workload(target.scenario.id, 0));
    mustBeWhole(withOwnAgents);
    const messages = eventsOf(history, 'passed').length / asks;
    const virtualMs = history.events.at(-1)?.at ?? 0;
    let seed = 0;
    const runsPerSecond = async (pool: typeof one, how: ExaminationRequest = request): Promise<number> => {
      const started = performance.now();
      const playing = Array.from({ length: casesInRound }, () => workload(target.scenario.id, ++seed));
      const examined = await Promise.all(playing.map((each) => pool.examine(each, how)));
      for (const { findings } of examined) mustHold(findings);
      return (casesInRound * asks) / ((performance.now() - started) / 1000);
    };
    const processorMs: number[] = [];
    const onOneThread = async (): Promise<number> => {
      const before = process.cpuUsage();
      const rate = await runsPerSecond(one);
      const { user, system } = process.cpuUsage(before);
      processorMs.push((user + system) / 1000 / (casesInRound * asks));
      return rate * messages;
    };
    const [peer, single, double, heavy] = await compare(
      [
        { name: 'bare ioredis loop', rate: () => bareRedisLoop(20_000) },
        { name: 'simulated messages', rate: onOneThread },
        { name: 'simulated runs, two threads', rate: () => runsPerSecond(two) },
        { name: 'runs with the agents of production', rate: () => runsPerSecond(forHeavy, own) },
      ],
      rounds,
    );
    if (peer === undefined || single === undefined || double === undefined || heavy === undefined)
      throw new Error('nothing was compared');
    const runs = single.rate / messages;
    const twoThreads = ratioOf(double.rates, single.rates) * messages;
    const peerName = `bare ioredis loop (${whole(peer.rate)} commands/s)`;
    return [
      ...weightOfOneRun(history),
      {
        what: 'whole runs a second and core, judged, hashed',
        value: whole(runs),
        goal: { says: '>= 500', met: runs >= 500 },
      },
      { what: 'processor time of one, all threads', value: `${median(processorMs).toFixed(2)} ms` },
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
        ratio: twoThreads,
        goal: { says: '>= 1.8', met: twoThreads >= 1.8 },
      },
      {
        what: 'with the agents of production: thoughts, tools',
        value: `${whole(heavy.rate)} runs/s`,
        peer: 'the fixed workload',
        ratio: ratioOf(heavy.rates, single.rates) * messages,
      },
      { what: '  messages and Redis commands of such a run', value: weightOf(withOwnAgents) },
      ...(await whereTheTimeGoes(
        Array.from({ length: 200 }, (_, index) => workload(target.scenario.id, index)),
        request,
      )),
    ];
  } finally {
    await Promise.all([one, two, forHeavy].map((pool) => pool.close()));
  }
}

/** What a run weighs, beside the workload that the goal names. */
function weightOfOneRun(history: History): Figure[] {
  const passed = eventsOf(history, 'passed').map(({ message }) => message ?? '');
  const commands = passed.filter((message) => message.startsWith('redis>'));
  const appended = commands.filter((message) => message.includes('/xadd.events#'));
  const elsewhere = passed.filter((message) => !message.startsWith('redis'));
  return [
    { what: 'one run, messages (the goal: about 40)', value: aRun(elsewhere.length) },
    { what: '  and Redis commands (the goal: about 25)', value: aRun(commands.length) },
    { what: '  of them those that make events durable', value: aRun(appended.length) },
    { what: '  all messages, replies of Redis too', value: aRun(passed.length) },
    { what: '  events in the history', value: aRun(history.events.length) },
    { what: '  history', value: `${(historyText(history).length / 1024 / asks).toFixed(0)} KB` },
  ];
}

function weightOf(history: History): string {
  const passed = eventsOf(history, 'passed').map(({ message }) => message ?? '');
  const commands = passed.filter((message) => message.startsWith('redis>'));
  const elsewhere = passed.filter((message) => !message.startsWith('redis'));
  return `${aRun(elsewhere.length)} and ${aRun(commands.length)}`;
}

function aRun(count: number): string {
  return (count / asks).toFixed(1);
}

/** Every run came to its end, and all five agents took part in it. */
function mustBeWhole(history: History): void {
  const frames = eventsOf(history, 'seen').map(({ frame }) => frame as { type?: string });
  const completed = frames.filter(({ type }) => type === 'run_completed').length;
  const agents = eventsOf(history, 'agent-returned').length;
  if (completed === asks && agents === agentsInRun * asks) return;
  throw new Error(`${completed} of ${asks} runs completed, with ${agents} results of agents`);
}

/** A workload that is not healthy would measure something else. */
function mustHold(findings: Examination['findings']): void {
  const broken = findings.filter(({ finding }) => finding.verdict.is === 'broken');
  if (broken.length > 0) throw new Error(`broken: ${broken.map(({ invariant }) => invariant).join(', ')}`);
}

/**
 * The fixed workload: one connection, ten runs, five agents in each. Answers come in one chunk, and the
 * client confirms nothing.
 */
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
        confirms: 'none',
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
    model: runs.map((run) => ({ user: 'alice', run, sufficiency: 'sufficient' as const, chunks: 1 })),
    faults: [],
    contaminations: [],
    schedule: [],
  };
}

function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
