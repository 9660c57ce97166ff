import { eventsOf, type History } from '../../history.ts';
import { fieldOf, type JsonObject, objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** A fault that fired, or a constraint that held a message up, with the name of the message that it met taken apart. */
export interface WireFault {
  readonly seq: number;
  /** `delay`, `cut`, … */
  readonly does: string;
  readonly wire: string;
  /** The way of the message that it met; what it does to the other way, it does as well: a stall, a connection that is half open to both. */
  readonly meets: 'request' | 'reply' | 'both';
  readonly user: string | undefined;
  readonly run: string | undefined;
  readonly kind: string;
  readonly count: number;
  /** The longest time that it holds its message up, ms. */
  readonly heldMs: number;
  /** When what was away or in a bad way was well again, ms; infinity where nobody told. What befalls a message is over when that has been held up for as long as it may, and nobody waits for it any more. */
  readonly until: number;
}

/** What was done to messages, in order; what befalls Redis is done to all of its wire. Contaminations are none: a live object in a result is no excuse for anything. */
export const wireFaultsOf = once((history: History): WireFault[] => {
  const faults: WireFault[] = [];
  // Nobody waits for a message longer than an agent may take.
  const { agentMs: waitedForMs = forEver } = eventsOf(history, 'case-started')[0]?.bounds ?? {};
  const ended = new Map(eventsOf(history, 'fault-ended').map(({ fault, at }) => [fault, at]));
  for (const event of history.events) {
    if (event.type !== 'fault-fired' && event.type !== 'constraint-holds') continue;
    const fate: JsonObject | undefined =
      event.type === 'fault-fired' ? objectOf(event.fate) : { do: 'hold', atMostMs: event.atMostMs };
    const does = textOf(fate, 'do') ?? '';
    const until = (event.type === 'fault-fired' ? ended.get(event.fault) : undefined) ?? forEver;
    if (does.endsWith('-redis')) {
      // It meets everything that is said to the store.
      faults.push({ seq: event.seq, does, wire: 'redis', ...nobodys, heldMs: millisecondsOf(fate), until });
      continue;
    }
    const dead = does === 'lack' ? textOf(fate, 'dependency') : does === 'model-down' ? 'model' : undefined;
    if (dead !== undefined) {
      // Nobody is there, whatever is said. What else a start lacks is no wire: who serves all the same has no excuse.
      if (dead === 'model' || dead === 'redis')
        faults.push({ seq: event.seq, does, wire: dead, ...nobodys, heldMs: millisecondsOf(fate), until });
      continue;
    }
    // What befalls the gateway is no fault on the message that brings it on.
    if (does === 'kill-gateway' || does === 'jump-clock' || does === 'fill-memory') continue;
    const named = /^(\w+)([<>])([^/]*)\/([^/]*)\/(.*)#(\d+)$/.exec(event.message ?? '');
    if (does === 'contaminate' || named === null) continue;
    const [, wire = '', arrow, user, run, kind = '', count] = named;
    const heldMs = millisecondsOf(fate);
    faults.push({
      seq: event.seq,
      does,
      wire,
      meets: meetsBoth(does, fate) ? 'both' : arrow === '>' ? 'request' : 'reply',
      user: known(user),
      run: known(run),
      kind,
      count: Number(count),
      heldMs,
      until: event.at + heldMs + waitedForMs,
    });
  }
  return faults;
});

const forEver = Number.POSITIVE_INFINITY;

const nobodys = { meets: 'both', user: undefined, run: undefined, kind: '', count: 0 } as const;

function meetsBoth(does: string, fate: JsonObject | undefined): boolean {
  return does === 'stall' || does === 'cut' || does === 'close' || fieldOf(fate, 'swallows') === 'both';
}

function millisecondsOf(fate: JsonObject | undefined): number {
  const ms = fieldOf(fate, 'ms') ?? fieldOf(fate, 'atMostMs') ?? fieldOf(fate, 'backAfterMs');
  return typeof ms === 'number' ? ms : 0;
}

/** Whether the fault met this user's connection to the gateway, or one of which nobody knows whose it is. */
export function metConnectionOf(fault: WireFault, user: string): boolean {
  return fault.wire === 'client' && (fault.user === undefined || fault.user === user);
}

function known(part: string | undefined): string | undefined {
  return part === undefined || part === '-' ? undefined : part;
}
