import { eventsOf, type History } from '../../history.ts';
import { borneWaitsOf } from './borne-waits.ts';
import { deathsOf } from './deaths.ts';
import { framesOf } from './frames.ts';
import { textOf } from './json-shapes.ts';
import { type Lack, lacksOf } from './lacks.ts';
import { type RefusedStart, refusedStartsOf } from './refused-starts.ts';
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
  /**
   * A process died: what was in its hands is lost. The death is judged on its own, and not by its place in
   * the history: users may see their connections break before anybody sees that the process is gone.
   */
  readonly #hasDied: boolean;
  readonly #refused: readonly RefusedStart[];
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
    this.#hasDied = deathsOf(history).some(({ cause }) => cause !== 'refused');
    this.#refused = refusedStartsOf(history).filter(({ isExplained }) => isExplained);
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

  /** A process died, or would not start for want of what was really lacking: nothing was in its hands, and it serves nobody. */
  crashed({ since }: Misfortune): boolean {
    return this.#hasDied || this.#refused.some(({ until }) => since <= until + this.#returnMs);
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

/** For what is on its way when a shortage ends, and for a machine that is slow. */
const momentMs = 1_000;

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
