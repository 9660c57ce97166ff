import type { Duplex } from 'node:stream';
import { ByteCutter } from '../wires/byte-cutter.ts';
import { headEnd } from '../wires/http-head.ts';
import { frameAt, opcodes } from '../wires/websocket-frame.ts';

/** A connection on which the caller says every byte itself. */
export interface RawStream {
  readonly stream: Duplex;
  /** Breaks it off without an end. */
  reset(): void;
}

export interface RawHandlers {
  /** The server's answer to the upgrade; header names in lower case. */
  answered(status: number, headers: ReadonlyMap<string, string>): void;
  text(text: string): void;
  /** No more comes: the close frame's code and reason; 1006 where there was none. */
  closed(code: number, reason: string): void;
  /** The connection could not be made, or broke; `closed` follows. */
  failed(error: Error): void;
}

/** The client's side of a WebSocket without any of a client's manners: it knows frames, and no order of things. */
export class RawWebSocket {
  readonly #raw: RawStream;
  readonly #handlers: RawHandlers;
  readonly #cutter = new ByteCutter();
  #isOpen = false;
  #isClosed = false;
  #closing: { readonly code: number; readonly reason: string } | null = null;
  #fragments: Buffer[] = [];
  answersPings = true;

  constructor(raw: RawStream, handlers: RawHandlers) {
    this.#raw = raw;
    this.#handlers = handlers;
    raw.stream.on('data', (bytes: Buffer) => this.#cutter.cut(bytes, this.#end, this.#take));
    raw.stream.on('error', (error: Error) => handlers.failed(error));
    raw.stream.on('end', () => raw.stream.end());
    raw.stream.on('close', () => this.#over());
  }

  write(bytes: Buffer): void {
    if (this.#raw.stream.writable) this.#raw.stream.write(bytes);
  }

  send(text: string): void {
    this.write(clientFrame(opcodes.text, Buffer.from(text)));
  }

  end(): void {
    this.#raw.stream.end();
  }

  reset(): void {
    this.#raw.reset();
  }

  /** A refusal is over with its connection; of a 101 only the head counts. */
  readonly #end = (bytes: Buffer, start: number): number => {
    if (!this.#isOpen) {
      const end = headEnd(bytes, start);
      return end === 'too large' ? bytes.length : end;
    }
    const frame = frameAt(bytes, start);
    if (frame === null) return start - bytes.length - 1;
    return frame.end > bytes.length ? start - frame.end : frame.end;
  };

  readonly #take = (bytes: Buffer): void => {
    if (this.#isOpen) this.#takeFrame(bytes);
    else this.#takeHead(bytes.toString('latin1'));
  };

  #takeHead(head: string): void {
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    const headers = new Map(
      [...head.matchAll(/\r\n([^:\r\n]+):[ \t]*([^\r\n]*)/g)].map(([, name = '', value = '']) => [
        name.toLowerCase(),
        value.trim(),
      ]),
    );
    this.#isOpen = status === 101;
    if (status !== 0) this.#handlers.answered(status, headers);
  }

  #takeFrame(bytes: Buffer): void {
    const frame = frameAt(bytes, 0);
    if (frame === null) return;
    const payload = bytes.subarray(frame.payload, frame.end);
    switch (frame.opcode) {
      case opcodes.ping:
        if (this.answersPings) this.write(clientFrame(opcodes.pong, payload));
        return;
      case opcodes.pong:
        return;
      case opcodes.close: {
        const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
        this.#closing = { code, reason: payload.subarray(2).toString('utf8') };
        this.write(clientFrame(opcodes.close, payload.subarray(0, 2)));
        return;
      }
      default:
        this.#fragments.push(payload);
        if (!frame.final) return;
        this.#handlers.text(Buffer.concat(this.#fragments).toString('utf8'));
        this.#fragments = [];
    }
  }

  #over(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { code, reason } = this.#closing ?? { code: 1006, reason: '' };
    this.#handlers.closed(code, reason);
  }
}

/** A whole frame, masked as a client's must be; the mask is zero, so that the bytes are the same every time. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}
