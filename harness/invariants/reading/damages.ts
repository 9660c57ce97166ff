import type { EventOf, History } from '../../history.ts';
import { floodsOf } from './flooding.ts';
import type { RunStory } from './run-stories.ts';
import { type WireFault, wireFaultsOf } from './wire-faults.ts';

/** Something that was done, and to whom: to one run, to all that a user did from then on, or to everybody. */
interface Damage {
  readonly seq: number;
  readonly at: number;
  readonly user: string | undefined;
  readonly run: string | undefined;
}

/**
 * Time that what is shared may take to be as it was, after a process or a connection broke: a run that was
 * begun earlier may have met the damage.
 */
const recoveryMs = 5_000;

/** A wait that is nobody's failure: shorter than any deadline. */
const harmlessMs = 1_000;

/** All that was done in a history, poison included; what only waits, and less than any deadline, harms nobody. */
export class Damages {
  readonly #runs = new Set<string>();
  readonly #users = new Map<string, Damage[]>();
  readonly #everybodys: Damage[] = [];

  constructor(history: History) {
    const atOf = new Map<number, number>();
    for (const event of history.events) {
      const { seq, at } = event;
      if (event.type === 'fault-fired' || event.type === 'constraint-holds') atOf.set(seq, at);
      const isEverybodys =
        (event.type === 'process-exited' && event.cause !== 'asked') ||
        (event.type === 'process-started' && event.instance > 1) ||
        event.type === 'fault-ended';
      if (isEverybodys) this.#add({ seq, at, ...everybody });
      else if (
        (event.type === 'agent-returned' || event.type === 'tool-returned') &&
        event.poisoned.length > 0
      )
        this.#add({ seq, at, user: event.user, run: event.run });
    }
    // Who floods is told so in place of being served.
    for (const { user, seq, at } of floodsOf(history).values()) this.#add({ seq, at, user, run: undefined });
    for (const fault of wireFaultsOf(history).filter(isHarmful))
      this.#add({ seq: fault.seq, at: atOf.get(fault.seq) ?? 0, ...whomOf(fault) });
  }

  /** Whether what was done to the run, or to its user, may show in a run that was begun there and had ended by `until`. */
  reach({ user, run }: RunStory, start: EventOf<'sent'>, until: number): boolean {
    return (
      this.#runs.has(`${user} ${run}`) ||
      (this.#users.get(user) ?? []).some((damage) => isMet(damage, start, until)) ||
      this.reachEverybody(start, until)
    );
  }

  /** The same of what was done to everybody. */
  reachEverybody(start: EventOf<'sent'>, until: number): boolean {
    return this.#everybodys.some((damage) => isMet(damage, start, until));
  }

  #add(damage: Damage): void {
    const { user, run } = damage;
    if (user === undefined) this.#everybodys.push(damage);
    else if (run !== undefined) this.#runs.add(`${user} ${run}`);
    else {
      const ofUser = this.#users.get(user) ?? [];
      ofUser.push(damage);
      this.#users.set(user, ofUser);
    }
  }
}

function isMet({ seq, at }: Damage, start: EventOf<'sent'>, until: number): boolean {
  return seq < until && at > start.at - recoveryMs;
}

function isHarmful({ does, heldMs }: WireFault): boolean {
  return (does !== 'delay' && does !== 'hold') || heldMs > harmlessMs;
}

/**
 * What breaks a connection harms all who share it: everybody on the way to the store, the user on the way to
 * the gateway.
 */
function whomOf({ wire, does, user, run }: WireFault): Pick<Damage, 'user' | 'run'> {
  if (wire === 'redis') return does === 'fail' || does === 'duplicate' ? { user, run } : everybody;
  return wire === 'client' ? { user, run: undefined } : { user, run };
}

const everybody = { user: undefined, run: undefined };
