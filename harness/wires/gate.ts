import type { Meeting } from '../director.ts';
import type { Fate } from '../fault.ts';
import type { GateConnection, GateEnd, GateOptions, ProtocolConnection, Unit } from './gate-contract.ts';
import { type Entry, Lane } from './lane.ts';

/**
 * The gate of one connection: cuts what comes from either end into messages, asks the director about each
 * and carries out what it decides. Order within a direction is kept: what is delayed holds back what follows.
 * Once the connection was cut, all that still comes is ignored.
 */
export function createGate(options: GateOptions, client: GateEnd, server: GateEnd): GateConnection {
  return new Gate(options, client, server);
}

/** A message that should change places with the next, and sees none for so long (ms), goes on unchanged. */
const reorderMs = 1_000;

/** Pieces of a split message leave so long after one another (ms) that no socket puts them together again. */
const apartMs = 5;

class Gate implements GateConnection {
  readonly #options: GateOptions;
  readonly #protocol: ProtocolConnection;
  readonly #requests: Lane;
  readonly #replies: Lane;
  /** The request whose reply is lost with the connection, and its fault. */
  #cutAtReplyTo:
    | { readonly unit: Unit; readonly meeting: Meeting; readonly by: 'fin' | undefined }
    | undefined;
  #closed = false;

  constructor(options: GateOptions, client: GateEnd, server: GateEnd) {
    this.#options = options;
    this.#protocol = options.protocol.open();
    const handlers = {
      meet: (entry: Entry, lane: Lane): void => this.#meet(entry, lane),
      carry: (entry: Entry, lane: Lane): void => this.#carry(entry, lane),
    };
    this.#requests = new Lane('request', server, handlers);
    this.#replies = new Lane('reply', client, handlers);
  }

  fromClient(bytes: Buffer, whole?: boolean): void {
    if (!this.#closed) this.#requests.take(this.#protocol.request(bytes, whole).map(entryOf));
  }

  fromServer(bytes: Buffer, whole?: boolean): void {
    if (!this.#closed) this.#replies.take(this.#protocol.reply(bytes, whole).map(entryOf));
  }

  clientEnded(): void {
    this.#ended(this.#requests);
  }

  serverEnded(): void {
    this.#ended(this.#replies);
  }

  clientReset(): void {
    this.#reset(this.#requests, this.#replies);
  }

  serverReset(): void {
    this.#reset(this.#replies, this.#requests);
  }

  #ended(lane: Lane): void {
    if (this.#closed) return;
    lane.take([...this.#protocol.rest(lane.direction).map(entryOf), signal('end')]);
  }

  /** One side is gone: what it sent still arrives, and then the break; what was on its way to it does not. */
  #reset(from: Lane, to: Lane): void {
    if (this.#closed) return;
    to.silence();
    from.take([signal('reset')]);
  }

  /** A message is named and decided about as it comes. */
  #meet(entry: Entry, lane: Lane): void {
    const { draft } = entry.unit;
    if (draft === null) {
      entry.due = true;
      return;
    }
    const meeting = this.#options.director.meet(draft);
    entry.meeting = meeting;
    if (lane.silent) return;
    if (meeting.fate.do === 'stall') this.#stall(meeting, meeting.fate.ms);
    meeting.whenDue(() => {
      const latency = this.#options.latency?.(meeting.message) ?? 0;
      if (latency > 0) this.#options.clock.after(latency, () => lane.due(entry));
      else lane.due(entry);
    });
  }

  #carry({ what, unit, meeting }: Entry, lane: Lane): void {
    if (what !== 'message') {
      this.#passSwapped(lane);
      lane.flush();
      if (what === 'end') lane.to.end();
      else this.#close(() => lane.to.reset());
    } else if (meeting === null) {
      lane.write(unit);
    } else if (this.#cutAtReplyTo !== undefined && unit.answers === this.#cutAtReplyTo.unit) {
      this.#cutAtReplyTo.meeting.fired();
      this.#breakBoth(lane, this.#cutAtReplyTo.by);
    } else {
      const ahead = lane.swapped;
      this.#carryOut(unit, meeting, lane);
      if (ahead !== undefined && lane.swapped === ahead) {
        ahead.meeting.fired();
        this.#passSwapped(lane);
      }
      if (unit.last === true) {
        lane.flush();
        this.#close(() => {
          this.#replies.to.end();
          this.#requests.to.end();
        });
      }
    }
  }

  #carryOut(unit: Unit, meeting: Meeting, lane: Lane): void {
    const { fate } = meeting;
    switch (fate.do) {
      case 'drop':
        meeting.fired();
        if (!this.#protocol.silences(unit)) return;
        lane.flush();
        lane.silence();
        return;
      case 'duplicate':
        meeting.fired();
        if (lane.direction === 'request') this.#protocol.repeat(unit);
        this.#pass(unit, meeting, lane);
        break;
      case 'reorder':
        if (lane.swapped !== undefined) break;
        lane.swapped = {
          unit,
          meeting,
          cancel: this.#options.clock.after(reorderMs, () => {
            this.#passSwapped(lane);
            lane.flush();
          }),
        };
        return;
      case 'garble':
        meeting.fired();
        this.#pass({ ...unit, bytes: this.#protocol.garbled(unit), parsed: undefined }, meeting, lane);
        return;
      case 'fail': {
        const replies = lane.direction === 'request' ? this.#protocol.fail(unit, fate.error) : null;
        if (replies === null) break;
        meeting.fired();
        this.#replies.take(replies.map(entryOf));
        return;
      }
      case 'cut':
        this.#cut(unit, meeting, fate, lane);
        return;
      case 'half-open':
        meeting.fired();
        lane.flush();
        lane.silence();
        if (fate.swallows === 'both') this.#other(lane).silence();
        return;
      case 'split':
        meeting.fired();
        this.#options.director.passed(meeting.message, unit.bytes.length);
        lane.writeApart(piecesOf(unit.bytes, fate.pieces), this.#options.clock, apartMs);
        return;
      case 'fragment': {
        const bytes = this.#protocol.fragmented(unit, fate.frames);
        if (bytes === null) break;
        meeting.fired();
        this.#pass({ ...unit, bytes, parsed: undefined }, meeting, lane);
        return;
      }
      case 'close':
        if (this.#closeWith(fate.code, meeting)) return;
        break;
    }
    this.#pass(unit, meeting, lane);
  }

  #pass(unit: Unit, meeting: Meeting, lane: Lane): void {
    this.#options.director.passed(meeting.message, unit.bytes.length);
    lane.write(unit);
  }

  #passSwapped(lane: Lane): void {
    const { swapped } = lane;
    if (swapped === undefined) return;
    lane.swapped = undefined;
    swapped.cancel();
    this.#pass(swapped.unit, swapped.meeting, lane);
  }

  /** Also what came before, and is still on its way, waits. */
  #stall(meeting: Meeting, ms: number): void {
    meeting.fired();
    const lanes = [this.#requests, this.#replies];
    for (const lane of lanes) lane.hold();
    this.#options.clock.after(ms, () => {
      meeting.ended();
      for (const lane of lanes) lane.release();
    });
  }

  /** False: nobody would understand it. */
  #closeWith(code: number, meeting: Meeting): boolean {
    const lanes = [this.#requests, this.#replies];
    const frames = lanes.map(({ direction }) => this.#protocol.closing(direction, code));
    if (frames.includes(null)) return false;
    meeting.fired();
    lanes.forEach((lane, index) => {
      lane.flush();
      const bytes = frames[index];
      if (bytes && !lane.silent) lane.to.write(bytes);
    });
    this.#close(() => {
      for (const lane of lanes) lane.to.end();
    });
    return true;
  }

  #other(lane: Lane): Lane {
    return lane === this.#requests ? this.#replies : this.#requests;
  }

  #cut(unit: Unit, meeting: Meeting, { when, by }: Extract<Fate, { do: 'cut' }>, lane: Lane): void {
    if (when === 'before') {
      meeting.fired();
      this.#breakBoth(lane, by);
      return;
    }
    this.#pass(unit, meeting, lane);
    if (lane.direction === 'request' && unit.asks === true) {
      this.#cutAtReplyTo ??= { unit, meeting, by };
      return;
    }
    meeting.fired();
    lane.flush();
    // Towards the receiver the connection ends in order: a reset could overtake the message.
    this.#close(() => {
      lane.to.end();
      const { to } = this.#other(lane);
      if (by === 'fin') to.end();
      else to.reset();
    });
  }

  #breakBoth(lane: Lane, by: 'fin' | undefined): void {
    lane.flush();
    this.#close(() => {
      for (const { to } of [this.#replies, this.#requests]) {
        if (by === 'fin') to.end();
        else to.reset();
      }
    });
  }

  /** Nothing passes any more, also of what the ends may still send while they are being closed. */
  #close(ends: () => void): void {
    this.#closed = true;
    this.#requests.silence();
    this.#replies.silence();
    ends();
  }
}

/** As equal as can be; of fewer bytes than pieces, one each. */
function piecesOf(bytes: Buffer, count: number): Buffer[] {
  const size = Math.max(1, Math.ceil(bytes.length / count));
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}

function entryOf(unit: Unit): Entry {
  return { what: 'message', unit, meeting: null, due: false };
}

function signal(what: 'end' | 'reset'): Entry {
  return { what, unit: noUnit, meeting: null, due: true };
}

const noUnit: Unit = { bytes: Buffer.alloc(0), draft: null };
