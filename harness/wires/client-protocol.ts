import type { Direction, MessageDraft } from '../message.ts';
import { ByteCutter } from './byte-cutter.ts';
import type { ProtocolConnection, Unit, WireProtocol } from './gate-contract.ts';
import { headEnd, idForm, readRequestHead, readResponseHead } from './http-head.ts';
import {
  closeFrame,
  damagedFrame,
  type Frame,
  fragmentedFrame,
  frameAt,
  opcodes,
} from './websocket-frame.ts';

/**
 * The client wire: the upgrade, then WebSocket frames both ways. A text frame is named by its JSON's `type`
 * and `run_id`; all frames by the user whose token opened the connection. What is no WebSocket connection
 * (`/ready`, `/metrics`, `POST /runs`) passes as it is.
 */
export function createClientProtocol(): WireProtocol {
  return { open: () => new ClientProtocolConnection() };
}

class ClientProtocolConnection implements ProtocolConnection {
  readonly #requests = new FrameStream('request', this);
  readonly #replies = new FrameStream('reply', this);
  user: string | undefined;
  upgrade: Unit | undefined;
  #upgraded = false;

  request(bytes: Buffer): Unit[] {
    return this.#requests.cut(bytes);
  }

  reply(bytes: Buffer): Unit[] {
    return this.#replies.cut(bytes);
  }

  rest(direction: Direction): Unit[] {
    return (direction === 'request' ? this.#requests : this.#replies).rest();
  }

  /** Only an upgrade can be answered with an error: an HTTP status. */
  fail(unit: Unit, error: string): Unit[] | null {
    if (unit !== this.upgrade) return null;
    const status = /^[45]\d\d$/.test(error) ? error : '503';
    const bytes = Buffer.from(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    return [{ bytes, draft: this.draft('reply', 'upgrade'), answers: unit, last: true }];
  }

  /** Frames have no replies, and an upgrade only one that both see. */
  repeat(): void {}

  garbled(unit: Unit): Buffer {
    if (unit.draft?.kind !== 'upgrade') return damagedFrame(unit.bytes);
    const bytes = Buffer.from(unit.bytes);
    const version = bytes.indexOf('HTTP/1.1');
    bytes[Math.max(0, version)] = 0x23;
    return bytes;
  }

  fragmented(unit: Unit, frames: number): Buffer | null {
    return unit.draft?.kind === 'upgrade' ? null : fragmentedFrame(unit.bytes, frames);
  }

  /** Before both have upgraded nobody understands a frame. */
  closing(direction: Direction, code: number): Buffer | null {
    return this.#upgraded ? closeFrame(code, direction === 'request') : null;
  }

  /** Frames without the upgrade before them are noise. */
  silences(unit: Unit): boolean {
    return unit.draft?.kind === 'upgrade';
  }

  draft(direction: Direction, kind: string, run?: string): MessageDraft {
    const { user } = this;
    if (user === undefined) {
      return run === undefined
        ? { wire: 'client', direction, kind }
        : { wire: 'client', direction, run, kind };
    }
    return run === undefined
      ? { wire: 'client', direction, user, kind }
      : { wire: 'client', direction, user, run, kind };
  }

  accepted(): void {
    this.#upgraded = true;
  }

  /** No WebSocket connection: what follows in both directions passes as it is. */
  passEverything(): void {
    this.#requests.pass();
    this.#replies.pass();
  }
}

/** One direction of a connection. */
class FrameStream {
  readonly #direction: Direction;
  readonly #connection: ClientProtocolConnection;
  readonly #cutter = new ByteCutter();
  #units: Unit[] = [];
  #state: 'head' | 'frames' | 'anything' = 'head';
  /** The frames of a message whose last frame has not come yet, with the control frames between them. */
  #fragments: Buffer[] = [];
  #fragmentBytes = 0;
  /** The rest of a message that is too long to be held back whole. */
  #unnamed = false;
  /** Bytes still to come of a frame that is too long to be held back. */
  #bytesToPass = 0;

  constructor(direction: Direction, connection: ClientProtocolConnection) {
    this.#direction = direction;
    this.#connection = connection;
  }

  cut(bytes: Buffer): Unit[] {
    this.#units = [];
    this.#cutter.cut(bytes, this.#end, this.#take);
    const units = this.#units;
    this.#units = [];
    return units;
  }

  rest(): Unit[] {
    const pieces = [...this.#fragments, this.#cutter.rest()].filter((piece) => piece.length > 0);
    this.#fragments = [];
    return pieces.map((bytes) => ({ bytes, draft: null }));
  }

  pass(): void {
    this.#state = 'anything';
  }

  readonly #end = (bytes: Buffer, start: number): number => {
    if (this.#state === 'anything') return bytes.length;
    if (this.#state === 'head') {
      const end = headEnd(bytes, start);
      if (end !== 'too large') return end > 0 ? this.#withBody(bytes, start, end) : end;
      this.#connection.passEverything();
      return bytes.length;
    }
    if (this.#bytesToPass > 0) return Math.min(bytes.length, start + this.#bytesToPass);
    const frame = frameAt(bytes, start);
    if (frame === null) return start - bytes.length - 1;
    if (frame.end - start > frameBytesMax) {
      this.#bytesToPass = frame.end - start;
      this.#unnamed = !frame.final;
      return Math.min(bytes.length, frame.end);
    }
    return frame.end > bytes.length ? start - frame.end : frame.end;
  };

  readonly #take = (bytes: Buffer): void => {
    if (this.#state === 'anything') this.#units.push({ bytes, draft: null });
    else if (this.#state === 'head') this.#takeHead(bytes);
    else if (this.#bytesToPass > 0) this.#takePart(bytes);
    else this.#takeFrame(bytes);
  };

  /** A refusal comes with a body, and is one message with it. */
  #withBody(bytes: Buffer, start: number, end: number): number {
    if (this.#direction === 'request') return end;
    const head = readResponseHead(bytes.toString('latin1', start, end));
    if (head === null || head.status === 101 || head.contentLength > bodyBytesMax) return end;
    const whole = end + head.contentLength;
    return whole > bytes.length ? start - whole : whole;
  }

  #takeHead(bytes: Buffer): void {
    const connection = this.#connection;
    if (this.#direction === 'request') {
      const head = readRequestHead(bytes.toString('latin1'));
      if (head === null) {
        connection.passEverything();
        this.#units.push({ bytes, draft: null });
        return;
      }
      connection.user = head.user;
      connection.upgrade = { bytes, draft: connection.draft('request', 'upgrade'), asks: true };
      this.#units.push(connection.upgrade);
      this.#state = 'frames';
      return;
    }
    if (connection.upgrade === undefined) {
      connection.passEverything();
      this.#units.push({ bytes, draft: null });
      return;
    }
    const accepted = readResponseHead(bytes.toString('latin1', 0, 4096))?.status === 101;
    this.#units.push({ bytes, draft: connection.draft('reply', 'upgrade'), answers: connection.upgrade });
    if (accepted) {
      this.#state = 'frames';
      connection.accepted();
    } else connection.passEverything();
  }

  #takePart(bytes: Buffer): void {
    this.#flushFragments();
    this.#bytesToPass -= bytes.length;
    this.#units.push({ bytes, draft: null });
  }

  #takeFrame(bytes: Buffer): void {
    const frame = frameAt(bytes, 0);
    if (frame === null) return;
    const control = frame.opcode >= opcodes.close;
    if (control && (this.#fragments.length === 0 || frame.opcode === opcodes.close)) {
      this.#flushFragments();
      this.#units.push({ bytes, draft: this.#connection.draft(this.#direction, controlKind(frame.opcode)) });
    } else if (control) {
      this.#hold(bytes);
    } else if (this.#unnamed) {
      this.#unnamed = !frame.final;
      this.#units.push({ bytes, draft: null });
    } else if (!frame.final) {
      this.#hold(bytes);
    } else if (this.#fragments.length === 0) {
      this.#units.push({ bytes, draft: this.#draftOf(frame.opcode, [{ bytes, frame }]) });
    } else {
      this.#fragments.push(bytes);
      const fragments = this.#fragments.map((part) => ({ bytes: part, frame: frameAt(part, 0) as Frame }));
      const data = fragments.filter(({ frame }) => frame.opcode < opcodes.close);
      const draft = this.#draftOf(data[0]?.frame.opcode ?? opcodes.binary, data);
      this.#units.push({ bytes: Buffer.concat(this.#fragments), draft });
      this.#fragments = [];
      this.#fragmentBytes = 0;
    }
  }

  #hold(bytes: Buffer): void {
    this.#fragments.push(bytes);
    this.#fragmentBytes += bytes.length;
    if (this.#fragmentBytes <= parsedBytesMax && this.#fragments.length <= fragmentsMax) return;
    this.#unnamed = true;
    this.#flushFragments();
  }

  #flushFragments(): void {
    for (const bytes of this.#fragments) this.#units.push({ bytes, draft: null });
    this.#fragments = [];
    this.#fragmentBytes = 0;
  }

  #draftOf(
    opcode: number,
    parts: readonly { readonly bytes: Buffer; readonly frame: Frame }[],
  ): MessageDraft {
    if (opcode !== opcodes.text) return this.#connection.draft(this.#direction, 'binary');
    const named = nameOfText(parts);
    return this.#connection.draft(this.#direction, named?.type ?? 'text', named?.run);
  }
}

/** Beyond this a text is not read for its name. */
const parsedBytesMax = 1024 * 1024;
/** Beyond this a frame is not held back to be one message. */
const frameBytesMax = 16 * 1024 * 1024;
const bodyBytesMax = 1024 * 1024;
const fragmentsMax = 1_000;

const typeForm = /^[A-Za-z0-9_.-]{1,100}$/;
// Most messages begin with their type and run: those are named by their first bytes, without parsing the rest.
const usualStart =
  /^\{"type":"([A-Za-z0-9_.-]{1,100})"(?:\}|,"run_id":"([A-Za-z0-9][A-Za-z0-9_.-]{0,63})"[,}])/;
const usualStartBytes = 220;

function nameOfText(
  parts: readonly { readonly bytes: Buffer; readonly frame: Frame }[],
): { readonly type: string; readonly run?: string } | null {
  const [first] = parts;
  if (first === undefined) return null;
  if (parts.length === 1) {
    const usual = usualStart.exec(payloadOf(first.bytes, first.frame, usualStartBytes).toString('latin1'));
    if (usual?.[1] !== undefined) {
      return usual[2] === undefined ? { type: usual[1] } : { type: usual[1], run: usual[2] };
    }
  }
  const payloads = parts.map(({ bytes, frame }) => payloadOf(bytes, frame));
  if (payloads.reduce((sum, { length }) => sum + length, 0) > parsedBytesMax) return null;
  const message = parsedObject(Buffer.concat(payloads).toString('utf8'));
  const type = message?.type;
  const run = message?.run_id;
  if (typeof type !== 'string' || !typeForm.test(type)) return null;
  return typeof run === 'string' && idForm.test(run) ? { type, run } : { type };
}

function parsedObject(text: string): { readonly type?: unknown; readonly run_id?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** The payload (or its first bytes), unmasked. */
function payloadOf(bytes: Buffer, frame: Frame, atMost = Number.POSITIVE_INFINITY): Buffer {
  const end = Math.min(frame.end, frame.payload + atMost);
  const payload = bytes.subarray(frame.payload, end);
  if (frame.mask < 0) return payload;
  const clear = Buffer.allocUnsafe(payload.length);
  for (let i = 0; i < payload.length; i++) {
    clear[i] = (payload[i] ?? 0) ^ (bytes[frame.mask + (i & 3)] ?? 0);
  }
  return clear;
}

function controlKind(opcode: number): string {
  if (opcode === opcodes.close) return 'close';
  return opcode === opcodes.ping ? 'ping' : opcode === opcodes.pong ? 'pong' : 'binary';
}
