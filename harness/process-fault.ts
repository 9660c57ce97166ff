import type { Pattern } from './message.ts';

/** What befalls a process. The world carries it out, once; the message that brought it on has passed by then. */
export type ProcessFate =
  /** The gateway is killed (SIGKILL), and starts again so long after; `gateway`: which, where there are two. */
  | { readonly do: 'kill-gateway'; readonly gateway?: 1 | 2; readonly backAfterMs: number }
  /** Redis is killed (SIGKILL), and starts again so long after: with its append-only file, or without any data. */
  | { readonly do: 'kill-redis'; readonly backAfterMs: number; readonly data: 'kept' | 'lost' }
  | { readonly do: 'stall-redis'; readonly ms: number }
  | { readonly do: 'fill-redis'; readonly ms: number }
  | { readonly do: 'read-only-redis'; readonly ms: number }
  /** Something in the gateway's process takes so much memory, and lets go of it so long after. */
  | { readonly do: 'fill-memory'; readonly bytes: number; readonly ms: number }
  /** Nobody reaches the model: calls that are under way break, and no connection is taken. */
  | { readonly do: 'model-down'; readonly ms: number }
  /** Back for a negative number. */
  | { readonly do: 'jump-clock'; readonly byMs: number };

export type ProcessFateName = ProcessFate['do'];

/** A fault on a process as a case holds it: data. It comes at the first message that matches, and never again. */
export interface ProcessFault {
  readonly at: Pattern;
  /** Only once a message that matches this has passed. */
  readonly after?: Pattern;
  readonly fate: ProcessFate;
}

/** Every fate of a process, and what it means. */
export const processFates: { readonly [name in ProcessFateName]: string } = {
  'kill-gateway': 'the gateway dies at once (SIGKILL) and starts again on the same port after a time',
  'kill-redis': 'Redis dies at once (SIGKILL) and starts again after a time, with its data or without',
  'stall-redis': 'Redis stands still for a time, its connections open',
  'fill-redis': 'Redis has no memory left for a time: what would need some is refused with OOM',
  'read-only-redis': 'Redis is a replica for a time: what would write is refused with READONLY',
  'fill-memory': "something in the gateway's process takes much memory for a time",
  'model-down': 'the model is away for a time: its connections break, and none is taken',
  'jump-clock': "the clock on the gateway's wall jumps forward or back; timers run on",
};

/** Carries out what befalls processes: a world's part. */
export interface ProcessFaultCarrier {
  /** Why this world, or what stands in it, cannot play the fate; null: it can. */
  whyNot(fate: ProcessFate): string | null;
  /** Begins, and calls `ended` once it is over; never, where the fate has no end. */
  carryOut(fate: ProcessFate, ended: () => void): void;
}
