import type { AgentMeans, AgentName } from '../../agents/agent.ts';
import type { Encoded } from '../../codec/codec.ts';
import { codeOf, PipelineError } from '../../errors.ts';
import type { Place, PlacedTurn, RunPlace } from './place.ts';
import { type AgentSource, type FromRoom, fromRoom, type ToRoom } from './room-words.ts';
import type { Room, RoomBounds, RoomEnd, RoomKind, Rooms } from './rooms.ts';

export interface RoomPlaceOptions {
  readonly kind: RoomKind;
  readonly rooms: Rooms;
  readonly sources: Readonly<Record<AgentName, AgentSource>>;
  readonly bounds: RoomBounds;
  /** How many rooms may be open at once; who finds none waits, within its own time. */
  readonly roomsMost: number;
}

/**
 * Runs agents in rooms apart. A room serves the turns of one run, one after the other, and is ended with the
 * run: nothing in it reaches another. One that is out of time, over its memory or gone is ended at once, and
 * the run's next turn gets another. One room is always being loaded ahead.
 */
export function createRoomPlace(options: RoomPlaceOptions): Place {
  const nursery = new Nursery(options);
  return {
    name: options.kind,
    open: () => openRun(nursery, options.sources),
    close: async () => nursery.close(),
  };
}

function openRun(nursery: Nursery, sources: RoomPlaceOptions['sources']): RunPlace {
  const idle: OpenRoom[] = [];
  let isOver = false;
  /** One that an earlier turn of the run left, and that is still there. */
  const kept = (): OpenRoom | null => {
    for (let room = idle.pop(); room !== undefined; room = idle.pop()) {
      if (room.isUsable) return room;
      nursery.end(room);
    }
    return null;
  };
  return {
    async run(turn) {
      const room = kept() ?? (await nursery.take(turn.signal));
      try {
        return await room.run(turn, sources[turn.agent]);
      } finally {
        if (room.isUsable && !isOver) idle.push(room);
        else nursery.end(room);
      }
    },
    close() {
      isOver = true;
      for (const room of idle.splice(0)) nursery.end(room);
    },
  };
}

/** All rooms that are open, and who waits for one. */
class Nursery {
  readonly #options: RoomPlaceOptions;
  readonly #open = new Set<OpenRoom>();
  readonly #waiting: Waiting[] = [];
  #spare: OpenRoom | null = null;
  #isClosed = false;

  /** Throws where not even the first room can be opened: such a machine serves nobody. */
  constructor(options: RoomPlaceOptions) {
    this.#options = options;
    this.#spare = this.#opened();
  }

  /** Has a room loading, where there is room for one and one can be opened. */
  prepare(): void {
    if (this.#isClosed || this.#spare?.isUsable === true) return;
    if (this.#spare !== null) this.#open.delete(this.#spare);
    this.#spare = null;
    if (this.#open.size >= this.#options.roomsMost) return;
    try {
      this.#spare = this.#opened();
    } catch {
      // Nobody asked for this one yet: whoever does tries again, and is told.
    }
  }

  /** A room that nobody was in. Rejects with the reason of `signal`, and with AGENT_EXITED where none can be opened. */
  take(signal: AbortSignal): Promise<OpenRoom> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const spare = this.#spare;
    this.#spare = null;
    if (spare?.isUsable === true) {
      this.prepare();
      return Promise.resolve(spare);
    }
    if (spare !== null) this.#open.delete(spare);
    return new Promise((resolve, reject) => {
      if (this.#open.size < this.#options.roomsMost) {
        this.#serve({ give: resolve, refuse: reject });
        this.prepare();
        return;
      }
      const over = (settle: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const waiting: Waiting = {
        give: (room) => over(() => resolve(room)),
        refuse: (why) => over(() => reject(why)),
      };
      const onAbort = (): void => {
        const place = this.#waiting.indexOf(waiting);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  end(room: OpenRoom): void {
    room.end();
    this.#open.delete(room);
    if (this.#isClosed) return;
    // One that is refused leaves its room to the next, for whom no other may ever end.
    while (this.#waiting.length > 0 && this.#open.size < this.#options.roomsMost)
      this.#serve(this.#waiting.shift() as Waiting);
    if (this.#waiting.length === 0) this.prepare();
  }

  close(): void {
    this.#isClosed = true;
    for (const room of this.#open) room.end();
    this.#open.clear();
  }

  #serve(waiting: Waiting): void {
    let room: OpenRoom;
    try {
      room = this.#opened();
    } catch (cause) {
      waiting.refuse(new PipelineError('AGENT_EXITED', { detail: 'it could not be started', cause }));
      return;
    }
    waiting.give(room);
  }

  #opened(): OpenRoom {
    const { rooms, kind, bounds } = this.#options;
    const room = new OpenRoom(rooms, kind, bounds);
    this.#open.add(room);
    return room;
  }
}

/** Who waits for a room. */
interface Waiting {
  give(room: OpenRoom): void;
  refuse(why: PipelineError): void;
}

/** Calls of one agent that may be open at once. */
const callsMost = 64;

/** One room, and the turn that is on in it. */
class OpenRoom {
  readonly #room: Room;
  #loaded = false;
  #gone: PipelineError | null = null;
  #turn: Turn | null = null;

  constructor(rooms: Rooms, kind: RoomKind, bounds: RoomBounds) {
    this.#room = rooms.open(kind, bounds, {
      heard: (text) => this.#hear(text),
      gone: (why) => this.#lose(errorOf(why)),
    });
  }

  /** Whether a turn can be run in it: it is there, and nobody is in it. */
  get isUsable(): boolean {
    return this.#gone === null && this.#turn === null;
  }

  end(): void {
    this.#lose(new PipelineError('RUN_CANCELLED', { detail: 'the place was closed' }));
    this.#room.end();
  }

  run(placed: PlacedTurn, source: AgentSource): Promise<Encoded> {
    const { signal } = placed;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        // Whatever it does, it does not stop by itself.
        this.#lose(new PipelineError(codeOf(signal.reason, 'RUN_CANCELLED')));
        this.#room.end();
      };
      const over = (settle: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        this.#turn = null;
        settle();
      };
      this.#turn = {
        placed,
        source,
        calls: 0,
        succeed: (encoded) => over(() => resolve(encoded)),
        fail: (thrown) => over(() => reject(thrown)),
      };
      if (this.#gone !== null) {
        this.#turn.fail(this.#gone);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else if (this.#loaded) this.#begin(this.#turn);
    });
  }

  #begin({ placed: { agent, input }, source }: Turn): void {
    this.#tell({ do: 'run', source, agent, input });
  }

  #hear(text: string): void {
    if (this.#gone !== null) return;
    const message = readFromRoom(text);
    const turn = this.#turn;
    if (message === null) this.#breakOff('it says what no agent can say');
    else if (message.did === 'load') {
      if (this.#loaded) this.#breakOff('it begins again');
      this.#loaded = true;
      if (turn !== null) this.#begin(turn);
    } else if (turn === null) this.#breakOff('it goes on after its turn');
    else if ('call' in message) void this.#answer(turn, message);
    else this.#take(turn, message);
  }

  #take(turn: Turn, message: Exclude<FromRoom, { did: 'load' } | { call: number }>): void {
    const { placed } = turn;
    if (message.did === 'create') placed.lived('created');
    else if (message.did === 'dispose') {
      if (message.told !== undefined) placed.disposeFailed(new Error(message.told));
      placed.lived('disposed');
    } else if (message.did === 'return') turn.succeed({ text: message.text, account: message.account });
    else {
      const { code, detail, told } = message;
      const cause = new Error(`${placed.agent}, where it ran: ${told}`);
      turn.fail(new PipelineError(code, { ...(detail === undefined ? {} : { detail }), cause }));
    }
  }

  async #answer(turn: Turn, message: Extract<FromRoom, { call: number }>): Promise<void> {
    const { call } = message;
    if (turn.calls >= callsMost) {
      this.#breakOff('it asks for too much at once');
      return;
    }
    turn.calls += 1;
    let answer: ToRoom;
    try {
      answer = { do: 'settle', call, value: await answerTo(message, turn.placed.means) };
    } catch (thrown) {
      const detail = thrown instanceof PipelineError ? thrown.detail : undefined;
      answer = { do: 'refuse', call, code: codeOf(thrown), ...(detail === undefined ? {} : { detail }) };
    }
    turn.calls -= 1;
    if (this.#turn === turn && this.#gone === null) this.#tell(answer);
  }

  #tell(message: ToRoom): void {
    this.#room.tell(JSON.stringify(message));
  }

  #breakOff(why: string): void {
    this.#lose(new PipelineError('AGENT_FAILED', { detail: why }));
    this.#room.end();
  }

  #lose(why: PipelineError): void {
    this.#gone ??= why;
    this.#turn?.fail(this.#gone);
  }
}

interface Turn {
  readonly placed: PlacedTurn;
  readonly source: AgentSource;
  /** Open ones. */
  calls: number;
  succeed(encoded: Encoded): void;
  fail(thrown: unknown): void;
}

function answerTo(message: Extract<FromRoom, { call: number }>, means: AgentMeans): Promise<unknown> {
  if (message.did === 'ask-model') return means.model.complete(message.request);
  if (message.did === 'call-tool') return means.tools.call(message.name, message.args, message.id);
  return means.emit.thinking(message.reasoning);
}

/** Null for what is none of a room's words. */
function readFromRoom(text: string): FromRoom | null {
  try {
    return fromRoom.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function errorOf(why: RoomEnd): PipelineError {
  if (why.by === 'memory') return new PipelineError('AGENT_MEMORY_LIMIT');
  if (why.by === 'flood')
    return new PipelineError('AGENT_MEMORY_LIMIT', { detail: 'one message was too large' });
  return new PipelineError('AGENT_EXITED', { detail: why.code });
}
