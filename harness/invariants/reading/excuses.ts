import { eventsOf, type History } from '../../history.ts';
import { borneWaitsOf } from './borne-waits.ts';
import { dataLossesOf } from './data-losses.ts';
import { deathsOf, momentMs } from './deaths.ts';
import { framesOf } from './frames.ts';
import { textOf } from './json-shapes.ts';
import { type Lack, lacksOf } from './lacks.ts';
import { refusedStartsOf } from './refused-starts.ts';
import { returnsOf } from './returns.ts';
import { runStoriesOf } from './run-stories.ts';
import { type Shortage, shortagesOf } from './shortages.ts';
import { type Swell, swellsOf } from './swells.ts';
import { metConnectionOf, type WireFault, wireFaultsOf } from './wire-faults.ts';

/** Something that went wrong for a user before the event `seq`. */
export interface Misfortune {
  readonly user: string;
  readonly seq: number;
  /** When the user asked for it, ms: what was over long before cannot have harmed it. */
  readonly since: number;
}

/** The same, in a run. */
export interface Mishap extends Misfortune {
  readonly run: string;
}

/** Which faults can have caused what: each wire hurts only those who stand behind it. */
export class Excuses {
  readonly #faults: readonly WireFault[];
  /** How long what is back may still be felt. */
  readonly #returnMs: number;
  readonly #absences: readonly Absence[];
  /** `seq` of each loss of all that Redis held. */
  readonly #losses: readonly number[];
  /** `seq` with which each user first asked for a run. */
  readonly #firstStarts: ReadonlyMap<string, number>;
  readonly #history: History;
  readonly #swells: readonly Swell[];
  readonly #shortages: readonly Shortage[];
  readonly #runBytes: number;
  readonly #lacks: readonly Lack[];
  readonly #mayBeDegraded: boolean;
  /** Who called a tool: `user run tool` and the count of the call to the agent. */
  readonly #callers = new Map<string, string>();

  constructor(history: History) {
    const borne = borneWaitsOf(history);
    this.#faults = wireFaultsOf(history).filter(({ seq }) => !borne.has(seq));
    this.#swells = swellsOf(history);
    this.#shortages = shortagesOf(history);
    const { runBytes = 0, returnMs } = eventsOf(history, 'case-started')[0]?.bounds ?? {};
    this.#runBytes = runBytes;
    this.#returnMs = returnMs ?? Number.POSITIVE_INFINITY;
    this.#lacks = lacksOf(history);
    const { startup } = eventsOf(history, 'case-started')[0] ?? {};
    this.#mayBeDegraded = startup?.degraded === true && startup.environment === 'development';
    this.#history = history;
    this.#absences = absencesIn(history);
    this.#losses = dataLossesOf(history).map(({ seq }) => seq);
    this.#firstStarts = firstStartsOf(history);
    if (this.#faults.some((fault) => fault.wire === 'tool')) this.#readCallers(history);
  }

  /**
   * A fault on what this agent is asked, asks of the model, or calls. What the agent did in place of its work
   * explains the code in which that ends, and no other.
   */
  agent(mishap: Mishap, agent: string, code: string): boolean {
    return this.#any(mishap, (fault) => {
      if (!isOf(fault, mishap)) return false;
      const ends = misbehaviourEndsIn.get(fault.does);
      if (ends !== undefined) return fault.kind === agent && ends === code;
      if (fault.does === 'swell') return false;
      // A model that is away is so for every agent.
      if (fault.wire === 'model' && fault.kind === '') return true;
      if (fault.wire === 'agent' || fault.wire === 'model') return fault.kind === agent;
      return fault.wire === 'tool' && (this.#callerOf(fault) ?? agent) === agent;
    });
  }

  /** A fault on anything that this run's agents do. */
  work(mishap: Mishap): boolean {
    return this.#any(
      mishap,
      (fault) =>
        (fault.wire === 'agent' || fault.wire === 'model' || fault.wire === 'tool') &&
        fault.does !== 'swell' &&
        isOf(fault, mishap),
    );
  }

  /** The pipeline was told to start without what is missing, and to take nothing on: it lacks something still. */
  degraded({ at }: { readonly at: number }): boolean {
    return this.#mayBeDegraded && this.#lacks.some(({ until }) => at < until);
  }

  /**
   * A process died, and what was in its hands is lost; or it would not start for want of what was really lacking:
   * then it serves nobody. So it is until another has been started in its place, and that may be felt no more.
   */
  crashed({ seq, since }: Misfortune): boolean {
    const at = this.#history.events[seq - 1]?.at ?? 0;
    return this.#absences.some(({ from, until }) => from <= at && since <= until + this.#returnMs);
  }

  /** What Redis held was lost, and for good: runs of this user from before that are known no more. */
  forgotten({ user, seq }: { readonly user: string; readonly seq: number }): boolean {
    const asked = this.#firstStarts.get(user) ?? Number.POSITIVE_INFINITY;
    return this.#losses.some((loss) => asked < loss && loss < seq);
  }

  /** The run was given so much at once that, with what it held beside, it may have been too much. */
  tooMuch({ user, run, seq }: Mishap): boolean {
    return this.#swells.some(
      (swell) =>
        swell.user === user && swell.run === run && swell.seq < seq && swell.bytes > this.#runBytes / 4,
    );
  }

  /** A process was short of memory, or had been until a moment ago. */
  shortOfMemory({ seq, at }: { readonly seq: number; readonly at: number }): boolean {
    return this.#shortages.some(
      ({ begunBy, overAt }) => begunBy < seq && (overAt === null || at <= overAt + momentMs),
    );
  }

  /** A fault on any agent's talk with the model: what a breaker that all share may go by. */
  anyModel(mishap: Misfortune): boolean {
    return this.#any(mishap, ({ wire }) => wire === 'model');
  }

  /**
   * A fault on the way to the store. A command that is refused or doubled concerns whose key it names; a
   * connection that breaks, stalls or falls silent is shared by all.
   */
  store(mishap: Misfortune | Mishap): boolean {
    return this.#any(
      mishap,
      (fault) =>
        fault.wire === 'redis' &&
        ((fault.does !== 'fail' && fault.does !== 'duplicate') || isOf(fault, mishap)),
    );
  }

  /** A fault on the user's own connection to the gateway. */
  connection(mishap: Misfortune): boolean {
    return this.#any(mishap, (fault) => metConnectionOf(fault, mishap.user));
  }

  #any({ seq, since }: Misfortune, hit: (fault: WireFault) => boolean): boolean {
    return this.#faults.some(
      (fault) => fault.seq < seq && since <= fault.until + this.#returnMs && hit(fault),
    );
  }

  #callerOf({ user, run, kind, count }: WireFault): string | undefined {
    return this.#callers.get(`${user} ${run} ${kind} ${count}`);
  }

  #readCallers(history: History): void {
    const { seen, logged } = framesOf(history);
    const agents = new Map<string, string>();
    for (const frame of [...seen, ...logged]) {
      if (frame.type !== 'tool_executing') continue;
      agents.set(`${frame.user} ${frame.run} ${textOf(frame.payload, 'call_id')}`, frame.agent);
    }
    const counts = new Map<string, number>();
    for (const { user, run, tool, call } of eventsOf(history, 'tool-called')) {
      const series = `${user} ${run} ${tool}`;
      const count = (counts.get(series) ?? 0) + 1;
      counts.set(series, count);
      const agent = agents.get(`${user} ${run} ${call}`);
      if (agent !== undefined) this.#callers.set(`${series} ${count}`, agent);
    }
  }
}

/** A time in which a process of the pipeline was not there, ms. */
interface Absence {
  readonly from: number;
  readonly until: number;
}

/** Users may see their connections break a moment before anybody sees that a process has died; one that will not start was not there from its start on. */
function absencesIn(history: History): Absence[] {
  const backAt = returnsOf(history);
  const starts = new Map(refusedStartsOf(history).map(({ exit, startedAt }) => [exit, startedAt]));
  return deathsOf(history).map((exit) => ({
    from: starts.get(exit) ?? exit.at - momentMs,
    until: backAt(exit),
  }));
}

const misbehaviourEndsIn: ReadonlyMap<string, string> = new Map([
  ['hang', 'AGENT_TIMEOUT'],
  ['spin', 'AGENT_TIMEOUT'],
  ['return-nothing', 'AGENT_RETURNED_NOTHING'],
  ['exhaust', 'AGENT_MEMORY_LIMIT'],
  ['exit', 'AGENT_EXITED'],
]);

/** What a message does not name may be anybody's. */
function isOf(fault: WireFault, { user, run }: { readonly user: string; readonly run?: string }): boolean {
  return (
    (fault.user === undefined || fault.user === user) &&
    (fault.run === undefined || run === undefined || fault.run === run)
  );
}

function firstStartsOf(history: History): Map<string, number> {
  const first = new Map<string, number>();
  for (const { user, starts } of runStoriesOf(history))
    for (const { seq } of starts) first.set(user, Math.min(first.get(user) ?? seq, seq));
  return first;
}
