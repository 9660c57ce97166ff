import type { Case } from './case.ts';
import type { WorldClock } from './clock.ts';
import {
  type Contamination,
  type Fate,
  type Fault,
  faultName,
  fits,
  type ScheduleConstraint,
} from './fault.ts';
import type { EventInMaking, Recorder } from './history.ts';
import {
  type Direction,
  type Message,
  MessageCounter,
  type MessageDraft,
  matches,
  type Pattern,
  type WireName,
} from './message.ts';
import { whyNotIn } from './misbehaviour.ts';
import type { ProcessFate, ProcessFault, ProcessFaultCarrier } from './process-fault.ts';

/**
 * Decides what becomes of every message of one play, by the case's faults and schedule; the carriers
 * (gates, the model, the tool and agent wrappers) carry it out. One director serves all wires of a play,
 * so that "after that other message" works across them.
 *
 * A carrier calls `meet` when a message comes to it, waits for `whenDue`, carries the fate out, calls
 * `fired` if the fate was more than to wait, and `passed` as the message reaches the other side (just before
 * the bytes are written, so that a cause stands before its effects).
 */
export class Director {
  readonly #case: Case;
  readonly #recorder: Recorder;
  readonly #clock: WorldClock;
  readonly #counter = new MessageCounter();
  readonly #waiting = new Set<Waiting>();
  /** Patterns that somebody may ask about later ("after"), and whether such a message has passed. */
  readonly #awaited: { readonly pattern: Pattern; seen: boolean }[] = [];
  /** By user, then by run: what causes were there. */
  readonly #traces = new Map<string | undefined, Map<string | undefined, Trace>>();
  readonly #decisions: Decisions;

  /** What may still befall processes, with its number in the case's list. */
  readonly #ahead: { readonly fault: ProcessFault; readonly index: number }[];
  readonly #processes: ProcessFaultCarrier | undefined;

  /** `processes` absent: nothing befalls any process. */
  constructor(options: {
    readonly playing: Case;
    readonly recorder: Recorder;
    readonly clock: WorldClock;
    readonly processes?: ProcessFaultCarrier;
  }) {
    this.#case = options.playing;
    const { processes } = options;
    this.#processes = processes;
    this.#ahead = (options.playing.process ?? [])
      .map((fault, index) => ({ fault, index }))
      .filter(({ fault }) => processes?.whyNot(fault.fate) === null);
    for (const { fault } of this.#ahead) {
      if (fault.after !== undefined) this.#awaited.push({ pattern: fault.after, seen: false });
    }
    this.#recorder = options.recorder;
    this.#clock = options.clock;
    for (const fault of options.playing.faults) {
      if (fault.after !== undefined) this.#awaited.push({ pattern: fault.after, seen: false });
      if (fault.fate.do === 'hold') this.#awaited.push({ pattern: fault.fate.until, seen: false });
    }
    for (const constraint of options.playing.schedule)
      this.#awaited.push({ pattern: constraint.until, seen: false });
    this.#decisions = {
      whenDue: (met, go) => this.#whenDue(met, go),
      fired: ({ message, fault, index }) => {
        if (fault !== undefined) this.#fired(message, index, faultName(fault), fault.fate);
      },
      ended: ({ message, fault, index }) => {
        if (fault !== undefined) this.#ended(message, index, faultName(fault));
      },
    };
  }

  /** Names and counts a message and decides its fate. */
  meet(draft: MessageDraft): Meeting {
    const message = this.#counter.count(draft);
    const { faults } = this.#case;
    let index = 0;
    let fault = faults[index];
    while (fault !== undefined && !this.#meets(fault, message)) fault = faults[++index];
    return new Met(this.#decisions, message, index, fault);
  }

  /** The contaminations that a case puts into this result. */
  poisonFor(message: Message): readonly { readonly index: number; readonly contamination: Contamination }[] {
    if (this.#case.contaminations.length === 0) return nothing;
    return this.#case.contaminations
      .map((contamination, index) => ({ index, contamination }))
      .filter(({ contamination }) => matches({ ...contamination.at, direction: 'reply' }, message));
  }

  /** A contamination was carried out; its number follows those of the faults. */
  poisoned(message: Message, index: number): void {
    const contamination = this.#case.contaminations[index];
    if (contamination === undefined) return;
    this.#fired(message, this.#case.faults.length + index, faultName(contamination), {
      do: 'contaminate',
      path: [...contamination.path],
      recipe: contamination.recipe,
    });
  }

  /** The message reaches the other side: writes it into the history and lets go what waited for it. */
  passed(message: Message, bytes?: number): number {
    const { wire, direction, kind } = message;
    const trace = this.#traceOf(message);
    const isReply = direction === 'reply' && wire !== 'client';
    // A reply's cause is its request; any other message's is the last of its run that reached its sender.
    const parent = isReply ? trace.requests[wire].get(kind) : trace.reached[senderOf(wire, direction)];
    const event: Writable<Extract<EventInMaking, { type: 'passed' }>> = {
      seq: 0,
      at: 0,
      type: 'passed',
      actor: wire,
      message: message.name,
    };
    if (parent !== undefined) event.parent = parent;
    if (bytes !== undefined) event.bytes = bytes;
    const seq = this.#recorder.append(event);
    if (direction === 'request' && wire !== 'client') trace.requests[wire].set(kind, seq);
    trace.reached[receiverOf(wire, direction)] = seq;
    for (const awaited of this.#awaited) {
      if (!awaited.seen && matches(awaited.pattern, message)) awaited.seen = true;
    }
    if (this.#ahead.length > 0) this.#befall(message);
    if (this.#waiting.size === 0) return seq;
    for (const waiting of [...this.#waiting]) {
      if (matches(waiting.until, message)) waiting.met();
    }
    return seq;
  }

  #meets({ at, fate, after }: Fault, message: Message): boolean {
    return (
      matches(at, message) &&
      fits(fate.do, message) &&
      whyNotIn(this.#case.agentPlace ?? 'in-process', fate) === null &&
      (after === undefined || this.#hasPassed(after))
    );
  }

  /** What this message brings on. It reaches the other side first: carriers write only after `passed`. */
  #befall(message: Message): void {
    const due = this.#ahead.filter(
      ({ fault: { at, after } }) => matches(at, message) && (after === undefined || this.#hasPassed(after)),
    );
    for (const each of due) {
      this.#ahead.splice(this.#ahead.indexOf(each), 1);
      const { fate } = each.fault;
      const { faults, contaminations } = this.#case;
      const number = faults.length + contaminations.length + each.index;
      this.#clock.after(0, () => {
        this.#fired(message, number, faultName(each.fault), fate);
        this.#processes?.carryOut(fate, () => this.#ended(message, number, faultName(each.fault)));
      });
    }
  }

  #ended(message: Message, fault: number, name: string): void {
    this.#recorder.record({ type: 'fault-ended', actor: 'faults', message: message.name, fault, name });
  }

  #hasPassed(pattern: Pattern): boolean {
    return this.#awaited.some((awaited) => awaited.pattern === pattern && awaited.seen);
  }

  #whenDue({ message, fate, index }: Met, go: () => void): void {
    if (fate.do === 'delay') {
      this.#fired(message, index, `delay ${message.wire}`, fate);
      this.#clock.after(fate.ms, () => this.#onceConstraintsAllow(message, 0, go));
    } else if (fate.do === 'hold' && !this.#hasPassed(fate.until)) {
      this.#fired(message, index, `hold ${message.wire}`, fate);
      this.#wait(fate.until, fate.atMostMs, () => this.#onceConstraintsAllow(message, 0, go));
    } else {
      this.#onceConstraintsAllow(message, 0, go);
    }
  }

  /** Every constraint that holds the message, from this one on, one after the other. */
  #onceConstraintsAllow(message: Message, from: number, go: () => void): void {
    const { schedule } = this.#case;
    let constraint = from;
    let held = schedule[constraint];
    while (held !== undefined && !matches(held.hold, message)) held = schedule[++constraint];
    if (held === undefined) go();
    else this.#holdUp(message, held, constraint, go);
  }

  #holdUp(message: Message, held: ScheduleConstraint, constraint: number, go: () => void): void {
    const about = { actor: 'faults', message: message.name, constraint };
    const over = (how: 'met' | 'expired'): void => {
      this.#recorder.record({ ...about, type: how === 'met' ? 'constraint-met' : 'constraint-expired' });
      this.#onceConstraintsAllow(message, constraint + 1, go);
    };
    if (this.#hasPassed(held.until)) {
      over('met');
      return;
    }
    this.#recorder.record({ ...about, type: 'constraint-holds', atMostMs: held.atMostMs });
    this.#wait(held.until, held.atMostMs, over);
  }

  #wait(until: Pattern, atMostMs: number, then: (how: 'met' | 'expired') => void): void {
    const cancel = this.#clock.after(atMostMs, () => {
      this.#waiting.delete(waiting);
      then('expired');
    });
    const waiting: Waiting = {
      until,
      // Carriers call `passed` just before they write: what waited goes on after that write, never before it.
      met: () => {
        this.#waiting.delete(waiting);
        cancel();
        this.#clock.after(0, () => then('met'));
      },
    };
    this.#waiting.add(waiting);
  }

  #fired(
    message: Message,
    fault: number,
    name: string,
    fate: Fate | ProcessFate | { do: 'contaminate'; path: (string | number)[]; recipe: string },
  ): void {
    this.#recorder.record({
      type: 'fault-fired',
      actor: 'faults',
      message: message.name,
      fault,
      name,
      fate: JSON.parse(JSON.stringify(fate)),
    });
  }

  #traceOf(message: Message): Trace {
    const { user, run } = message;
    let ofUser = this.#traces.get(user);
    if (ofUser === undefined) {
      ofUser = new Map();
      this.#traces.set(user, ofUser);
    }
    let trace = ofUser.get(run);
    if (trace === undefined) {
      trace = {
        requests: { redis: new Map(), model: new Map(), tool: new Map(), agent: new Map() },
        reached: {},
      };
      ofUser.set(run, trace);
    }
    return trace;
  }
}

export interface Meeting {
  readonly message: Message;
  /** What to carry out once it is due. `delay` and `hold` are over by then: treat them as `pass`. */
  readonly fate: Fate;
  /** Calls `go` when every delay, hold and constraint on the message is over: at once where there is none. */
  whenDue(go: () => void): void;
  /** The fate was carried out (not for `delay` and `hold`: the director sees to those). */
  fired(): void;
  /** What lasts is over (not for `delay` and `hold`: the message passes then). */
  ended(): void;
}

/** What a director does for the messages that it met. */
interface Decisions {
  whenDue(met: Met, go: () => void): void;
  fired(met: Met): void;
  ended(met: Met): void;
}

/** A class, and no closures: a play meets a hundred messages in each of its runs. */
class Met implements Meeting {
  readonly message: Message;
  readonly fault: Fault | undefined;
  /** Of the fault, in the case's list. */
  readonly index: number;
  readonly fate: Fate;
  readonly #decisions: Decisions;

  constructor(decisions: Decisions, message: Message, index: number, fault: Fault | undefined) {
    this.#decisions = decisions;
    this.message = message;
    this.index = index;
    this.fault = fault;
    this.fate = fault?.fate ?? pass;
  }

  whenDue(go: () => void): void {
    this.#decisions.whenDue(this, go);
  }

  fired(): void {
    this.#decisions.fired(this);
  }

  ended(): void {
    this.#decisions.ended(this);
  }
}

const pass: Fate = { do: 'pass' };

const nothing: readonly never[] = [];

interface Waiting {
  readonly until: Pattern;
  met(): void;
}

/** What may have caused the messages of one user and run, as numbers of events. */
interface Trace {
  /**
   * The last request of each kind. Replies are many to one request on the model wire (chunks), one to one
   * elsewhere; for equal commands that are pipelined it is the latest of them.
   */
  readonly requests: { readonly [wire in Exclude<WireName, 'client'>]: Map<string, number> };
  /** The last message that reached each side. */
  readonly reached: { [side in Side]?: number };
}

type Side = 'user' | 'pipeline' | Exclude<WireName, 'client'>;

type Writable<T> = { -readonly [key in keyof T]: T[key] };

function senderOf(wire: WireName, direction: Direction): Side {
  return wire === 'client' && direction === 'request' ? 'user' : 'pipeline';
}

function receiverOf(wire: WireName, direction: Direction): Side {
  if (wire === 'client') return direction === 'request' ? 'pipeline' : 'user';
  return direction === 'reply' ? 'pipeline' : wire;
}
