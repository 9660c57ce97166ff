import type { Json } from '../src/json.ts';

export type { Json };

/**
 * What an outsider could have seen of one play: an append-only list of typed events. It is the only thing
 * that leaves a world, and it stands alone: invariants read nothing else. Error *codes* only, never the
 * words or stacks of an engine, so that the same seed gives the same bytes everywhere.
 */
export const historySchemaId = 'faultline.history/1';

export interface History {
  readonly schema: typeof historySchemaId;
  readonly events: readonly HistoryEvent[];
}

export type HistoryEvent = EventFrame & EventBody;

interface EventFrame {
  /** 1, 2, 3… */
  readonly seq: number;
  /** Milliseconds since the case began: virtual time, or the wall's. */
  readonly at: number;
  /** Who did or saw it: `user:alice`, `gateway`, `agent:data`, `tool:…`, `model`, `redis`, `faults`, `world`. */
  readonly actor: string;
  /** The name of the message that it is about (`message.ts`). */
  readonly message?: string;
  /** `seq` of the event that caused it: for a reply its request, else the last message of the same run that reached its sender. */
  readonly parent?: number;
}

export type EventBody =
  /** The first event. `users`: who takes part and what each will ask, so that what never came is known too. */
  | {
      readonly type: 'case-started';
      readonly scenario: string;
      readonly seed: number;
      readonly world: string;
      readonly planned: {
        readonly asks: readonly { user: string; run: string }[];
        readonly faults: number;
        readonly contaminations: number;
        /** What was planted in the words and threads of each user, so that it can be followed. */
        readonly canaries?: readonly { user: string; value: string }[];
      };
      /** How it was started, where that was no usual start. */
      readonly startup?: { readonly environment: string; readonly degraded: boolean };
      /** Bounds that the pipeline promises to keep, ms. */
      readonly bounds: {
        readonly runMs: number;
        /** What one agent may take. */
        readonly agentMs?: number;
        /** Within which a dead peer is noticed. */
        readonly peerMs?: number;
        /** Nobody gives up on a message that is late by less than this. */
        readonly borneMs?: number;
        /** Within which everything is served again, once what disturbed it is over. */
        readonly returnMs?: number;
        /** What one run may hold in memory, and what the process may have before it takes on no more. */
        readonly runBytes?: number;
        readonly processBytes?: number;
        /** What a process may have on its way to a client that does not read, what its machine keeps included. */
        readonly unreadBytes?: number;
        /** How many runs a user may have at the same time. */
        readonly runsPerUser?: number;
        /** How many messages may come on a connection at once, and then in a second. */
        readonly messageBurst?: number;
        readonly messagesPerSecond?: number;
        /** How long a start waits at least for what may come later. */
        readonly startMs?: number;
        /** How old what is known of a dependency may be when a run is begun. */
        readonly knownMs?: number;
        /** Within which a run is refused that would fail. */
        readonly refusedMs?: number;
        /** How many messages are kept at least that come before a connection is ready. */
        readonly earlyMessages?: number;
      };
    }
  /** The last event. */
  | { readonly type: 'case-ended'; readonly reason: 'quiet' | 'out-of-time' }
  // clients
  | { readonly type: 'connection-opened'; readonly user: string; readonly connection: string }
  | {
      readonly type: 'connection-refused';
      readonly user: string;
      readonly connection: string;
      readonly status: number;
      readonly code?: string;
    }
  | {
      readonly type: 'connection-closed';
      readonly user: string;
      readonly connection: string;
      readonly code: number;
      readonly reason: string;
      readonly by: 'user' | 'other';
    }
  /**
   * A client begins a try to be let in. `entitled`: whether what it shows gives a server any reason to. `leaves`:
   * it will go by itself, whatever it still waits for.
   */
  | {
      readonly type: 'knocked';
      readonly user: string;
      readonly connection: string;
      readonly entitled: boolean;
      readonly leaves: boolean;
      readonly shows: Json;
    }
  /** From here on the client reads nothing, and from there on again. */
  | { readonly type: 'stopped-reading' | 'reads-again'; readonly user: string; readonly connection: string }
  /** From here on the client says nothing any more and answers no ping, as if it were dead. */
  | { readonly type: 'fell-silent'; readonly user: string; readonly connection: string }
  | { readonly type: 'sent'; readonly user: string; readonly connection: string; readonly frame: Json }
  /** `frame` is the parsed frame; `text` in its place where it was not JSON. */
  | {
      readonly type: 'seen';
      readonly user: string;
      readonly connection: string;
      readonly frame?: Json;
      readonly text?: string;
    }
  | { readonly type: 'confirmed'; readonly user: string; readonly run: string; readonly sequence: number }
  /** The user waited as long as a user would, and left the run without its end. */
  | { readonly type: 'gave-up'; readonly user: string; readonly run: string; readonly afterMs: number }
  // wires
  /** A message that reached the other side. */
  | { readonly type: 'passed'; readonly bytes?: number }
  /** A fault did what it says. `fault` counts from 0 in the case's lists: faults, contaminations, process. */
  | { readonly type: 'fault-fired'; readonly fault: number; readonly name: string; readonly fate: Json }
  /** A fault that lasts is over. */
  | { readonly type: 'fault-ended'; readonly fault: number; readonly name: string }
  /** The message waits from here on, at most so long, for what the constraint names. */
  | { readonly type: 'constraint-holds'; readonly constraint: number; readonly atMostMs: number }
  | { readonly type: 'constraint-met' | 'constraint-expired'; readonly constraint: number }
  /** A fault or constraint that this world cannot play. */
  | { readonly type: 'fault-skipped'; readonly fault: number; readonly name: string; readonly why: string }
  // model, tools, agents: the insides that the harness's own wrappers and servers see
  | {
      readonly type: 'prompted';
      readonly user: string;
      readonly run: string;
      readonly agent: string;
      readonly messages: Json;
      readonly tools: readonly string[];
    }
  /** `proof`: a value in the answer that only the model could know. */
  | {
      readonly type: 'answered';
      readonly user: string;
      readonly run: string;
      readonly agent: string;
      readonly proof: string;
      readonly outcome: string;
    }
  | {
      readonly type: 'tool-called';
      readonly user: string;
      readonly run: string;
      readonly tool: string;
      readonly call: string;
      readonly arguments: Json;
    }
  /** `clean`: the result as plain data before any poison; `poisoned`: the paths at which poison was put. */
  | {
      readonly type: 'tool-returned';
      readonly user: string;
      readonly run: string;
      readonly tool: string;
      readonly call: string;
      readonly clean: Json;
      readonly poisoned: readonly Poisoned[];
    }
  | {
      readonly type: 'tool-failed';
      readonly user: string;
      readonly run: string;
      readonly tool: string;
      readonly call: string;
      readonly code: string;
    }
  /** `live`: what the agent was handed was no plain data; null stands in `input` for what was not. */
  | {
      readonly type: 'agent-asked';
      readonly user: string;
      readonly run: string;
      readonly agent: string;
      readonly input: Json;
      readonly live?: true;
    }
  | {
      readonly type: 'agent-returned';
      readonly user: string;
      readonly run: string;
      readonly agent: string;
      readonly clean: Json;
      readonly poisoned: readonly Poisoned[];
    }
  | {
      readonly type: 'agent-failed';
      readonly user: string;
      readonly run: string;
      readonly agent: string;
      readonly code: string;
    }
  /** Code that came with a recipe's object was run by whoever handled it: which code, in a word. */
  | {
      readonly type: 'foreign-code-ran';
      readonly user: string;
      readonly run: string;
      readonly producer: string;
      readonly path: readonly (string | number)[];
      readonly recipe: string;
      readonly code: string;
    }
  // stores, processes, health
  /**
   * What lies in a store at rest. `road`: cache (an agent's outcome under its input), persistence (a run's
   * state: an outcome per agent), events (a run's log). `json` where the text is JSON; `truncated` says that
   * `text` was longer than a history holds.
   */
  | {
      readonly type: 'stored';
      readonly store: 'redis';
      readonly key: string;
      readonly road: 'cache' | 'persistence' | 'events' | 'delivery' | 'unknown';
      readonly user?: string;
      readonly run?: string;
      readonly agent?: string;
      readonly json?: Json;
      readonly text?: string;
      readonly truncated?: true;
      readonly expires: boolean;
    }
  | { readonly type: 'process-started'; readonly process: string; readonly instance: number }
  | {
      readonly type: 'process-exited';
      readonly process: string;
      readonly instance: number;
      /** `killed`: by a fault. `refused`: it would not start, and ended as a program does that has been told why. */
      readonly cause: 'asked' | 'crashed' | 'killed' | 'refused';
      readonly code: string;
    }
  /** The process said, as it refused to start, what it lacks. */
  | {
      readonly type: 'start-refused';
      readonly process: string;
      readonly instance: number;
      readonly names: readonly string[];
    }
  | {
      readonly type: 'health';
      readonly probe: 'ready' | 'health';
      readonly status: number;
      readonly body: Json;
    }
  /**
   * A line of the pipeline's log, a warning or worse. What an error says is in the words of an engine: of all that
   * the line holds beside, only the words that may be somebody's value are kept.
   */
  | {
      readonly type: 'logged';
      readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
      readonly says: string;
      readonly code?: string;
      readonly user?: string;
      readonly run?: string;
      readonly words: readonly string[];
    }
  /** What the world itself found that a process has, whatever that process says: bytes of memory. */
  | { readonly type: 'measured'; readonly what: 'memory'; readonly process: string; readonly bytes: number }
  /** One sample of `/metrics`. */
  | {
      readonly type: 'metric';
      readonly name: string;
      readonly labels: { readonly [label: string]: string };
      readonly value: number;
    };

/**
 * Poison in a result: where, which recipe, and what of it is data, so that a history can be judged without
 * knowing the recipe. All paths but the first count from where the poison is.
 */
export interface Poisoned {
  readonly path: readonly (string | number)[];
  readonly recipe: string;
  /** What of it is plain data, as JSON: this must come through. Absent where nothing is. */
  readonly data?: Json;
  /**
   * Where something stands that is no data, or more than data (an instance): what becomes of it must be
   * named. Absent: all of it. Empty: all of it is data.
   */
  readonly foreign?: readonly (readonly (string | number)[])[];
  /** Where data is in a form that JSON has not (-0, a boxed number): that it was changed may be named. */
  readonly disguised?: readonly (readonly (string | number)[])[];
  /** What must be found in it, where anything is left of it, in whatever form. */
  readonly carries?: readonly (string | number)[];
}

export type EventType = EventBody['type'];
export type EventOf<T extends EventType> = Extract<HistoryEvent, { type: T }>;

/** The events of one type, in order. */
export function eventsOf<T extends EventType>(history: History, type: T): EventOf<T>[] {
  return history.events.filter((event): event is EventOf<T> => event.type === type);
}

/** What a recorder is given: the frame's `seq` and `at` are its own. */
export type EventDraft = EventBody & {
  readonly actor: string;
  readonly message?: string;
  readonly parent?: number;
};

/** An event that has all but its `seq` and `at`, which stand first and are still to be filled in. */
export type EventInMaking = { seq: number; at: number } & EventDraft;

/** Collects one history. `now` gives milliseconds since the case began. */
export class Recorder {
  #events: HistoryEvent[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Appends and returns the event's `seq`. */
  record(draft: EventDraft): number {
    return this.append({ seq: 0, at: 0, ...draft });
  }

  /** The same, without a copy: for what comes by the thousand. */
  append(event: EventInMaking): number {
    event.seq = this.#events.length + 1;
    event.at = this.#now();
    this.#events.push(event);
    return event.seq;
  }

  history(): History {
    return { schema: historySchemaId, events: this.#events };
  }

  /** The history, of which the recorder keeps nothing. */
  handOver(): History {
    const history = this.history();
    this.#events = [];
    return history;
  }
}
