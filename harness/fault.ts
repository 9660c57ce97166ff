import type { Message, Pattern, WireName } from './message.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { type ProcessFault, processFates } from './process-fault.ts';
import type { StartupLack } from './startup.ts';

/** What becomes of one message. A fault only decides; the world carries it out. */
export type Fate =
  | { readonly do: 'pass' }
  | { readonly do: 'delay'; readonly ms: number }
  /** Waits until a message that matches has passed, at most `atMostMs`. */
  | { readonly do: 'hold'; readonly until: Pattern; readonly atMostMs: number }
  | { readonly do: 'drop' }
  | { readonly do: 'duplicate' }
  /** Changes places with the next message of the same direction. */
  | { readonly do: 'reorder' }
  | { readonly do: 'garble' }
  /** Answered with an error in place of being carried out; `error` is in the wire's own words (see `fates`). */
  | { readonly do: 'fail'; readonly error: string }
  /**
   * The connection breaks: before the effect (a lost request) or after it (a lost reply). `by` absent: with a
   * reset (RST); `fin`: it ends in order, as by a peer that leaves.
   */
  | { readonly do: 'cut'; readonly when: 'before' | 'after'; readonly by?: 'fin' }
  /** From here on nothing passes any more, this way or both, and neither side is told: no end, no reset. */
  | { readonly do: 'half-open'; readonly swallows: 'both' | 'this' }
  /** From here on nothing passes in either direction for so long; then all of it does. */
  | { readonly do: 'stall'; readonly ms: number }
  /** Its bytes come in so many pieces, one after the other. */
  | { readonly do: 'split'; readonly pieces: number }
  /** Comes as so many WebSocket frames in place of one. */
  | { readonly do: 'fragment'; readonly frames: number }
  /** In its place both sides get a WebSocket close frame with this code, and the connection ends. */
  | { readonly do: 'close'; readonly code: number }
  /** So much more comes than was asked for. */
  | { readonly do: 'swell'; readonly bytes: number }
  /** What an agent does in place of its work, in a place that survives it (`misbehaviour.ts`). */
  | Misbehaviour;

export type FateName = Fate['do'] | 'contaminate';

/** A fault as a case holds it: data. */
export interface Fault {
  readonly at: Pattern;
  /** Only once a message that matches this has passed. */
  readonly after?: Pattern;
  readonly fate: Exclude<Fate, { do: 'pass' }>;
}

/** A live object put where data belongs: at `path` of the result that `at` names. */
export interface Contamination {
  readonly at: {
    readonly wire: 'agent' | 'tool';
    readonly user: string;
    readonly run: string;
    readonly kind: string;
    readonly count: number;
  };
  readonly path: readonly (string | number)[];
  /** A recipe's name (`generators/recipes.ts`). */
  readonly recipe: string;
}

/** A constraint on the order of things: `hold` does not pass before `until` has, at most `atMostMs`. */
export interface ScheduleConstraint {
  readonly hold: Pattern;
  readonly until: Pattern;
  readonly atMostMs: number;
  /** It shapes what is played in any world, as what users send does, and is no disturbance of it. */
  readonly ofWorkload?: true;
}

/** Every fate: what it means, on which wires and in which direction a world can carry it out. */
export const fates: { readonly [name in FateName]: FateRow } = {
  pass: {
    means: 'arrives',
    on: { client: 'both', redis: 'both', model: 'both', tool: 'both', agent: 'both' },
  },
  delay: {
    means: 'arrives later; what follows on the connection waits behind it',
    on: { client: 'both', redis: 'both', model: 'both', tool: 'both', agent: 'both' },
  },
  hold: {
    means: 'waits until another message has passed',
    on: { client: 'both', redis: 'both', model: 'both', tool: 'both', agent: 'both' },
  },
  drop: {
    means: 'never arrives (on redis: the connection falls silent from there)',
    on: { client: 'both', redis: 'both', model: 'both', tool: 'reply', agent: 'reply' },
  },
  duplicate: { means: 'arrives twice', on: { client: 'both', redis: 'request', model: 'reply' } },
  reorder: { means: 'changes places with the next', on: { client: 'both', model: 'reply' } },
  garble: { means: 'arrives with its bytes damaged', on: { client: 'both', model: 'reply' } },
  fail: {
    means:
      'answered with an error: client upgrade and model: an HTTP status; redis: an error reply; tool, agent: a thrown error',
    on: { client: 'request', redis: 'request', model: 'request', tool: 'request', agent: 'request' },
  },
  cut: {
    means: 'the connection breaks, before or after the effect',
    on: { client: 'both', redis: 'both', model: 'both' },
  },
  'half-open': {
    means: 'from there on all is swallowed, this way or both, and neither side is told',
    on: { client: 'both', redis: 'both' },
  },
  stall: {
    means: 'from there on nothing passes for a time, in neither direction; then all of it does',
    on: { client: 'both', redis: 'both' },
  },
  split: { means: 'its bytes arrive in several pieces', on: { client: 'both', redis: 'both' } },
  fragment: { means: 'arrives as several WebSocket frames', on: { client: 'both' } },
  close: {
    means: 'in its place the connection is closed with a code, to both sides',
    on: { client: 'both' },
  },
  swell: { means: 'comes with much more than was asked for', on: { tool: 'reply' } },
  hang: { means: 'the agent never settles', on: { agent: 'request' } },
  'return-nothing': { means: 'the agent settles with nothing', on: { agent: 'request' } },
  spin: { means: 'the agent never lets go of its thread', on: { agent: 'request' } },
  exhaust: { means: 'the agent takes memory without end: heap, or buffers', on: { agent: 'request' } },
  exit: { means: 'the agent ends the thread or process that it runs in', on: { agent: 'request' } },
  contaminate: { means: 'a live object is put into the result', on: { tool: 'reply', agent: 'reply' } },
};

export interface FateRow {
  readonly means: string;
  readonly on: { readonly [wire in WireName]?: 'request' | 'reply' | 'both' };
}

/** Whether a world can carry this fate out on such a message. */
export function fits(fate: FateName, message: Pick<Message, 'wire' | 'direction'>): boolean {
  const where = fates[fate].on[message.wire];
  return where === 'both' || where === message.direction;
}

/** What reports call every constraint of a schedule. */
export const constraintName = 'keep-order';

/** A fault's name in reports: what is done to which wire, e.g. `fail agent`, or to which process, e.g. `kill-redis`. */
export function faultName(
  fault: Pick<Fault | ProcessFault, 'at' | 'fate'> | Contamination | StartupLack,
): string {
  if ('dependency' in fault) return `lack ${fault.dependency}`;
  if ('recipe' in fault) return `contaminate ${fault.at.wire}`;
  return fault.fate.do in processFates ? fault.fate.do : `${fault.fate.do} ${fault.at.wire}`;
}
