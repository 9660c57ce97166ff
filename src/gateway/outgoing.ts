import type { Duplex } from 'node:stream';

/**
 * The text messages of one WebSocket connection on their way out: those of one tick leave as one stretch of
 * bytes, since most of what a small frame costs is its write. The library's own frames (close, ping) go
 * beside it; `flush` before a close.
 */
export class Outgoing {
  readonly #stream: Duplex;
  readonly #isOpen: () => boolean;
  readonly #onSent: () => void;
  #texts: string[] = [];
  #characters = 0;

  /** `onSent`: what was handed to the stream has left this process, or never will. */
  constructor(stream: Duplex, isOpen: () => boolean, onSent: () => void) {
    this.#stream = stream;
    this.#isOpen = isOpen;
    this.#onSent = onSent;
  }

  /** Characters that wait for the end of the tick. */
  get waiting(): number {
    return this.#characters;
  }

  send(text: string): void {
    if (this.#texts.push(text) === 1) process.nextTick(this.flush);
    this.#characters += text.length;
  }

  /** Hands over what waits; on a connection that has closed meanwhile it is dropped. */
  readonly flush = (): void => {
    const texts = this.#texts;
    if (texts.length === 0) return;
    this.#texts = [];
    this.#characters = 0;
    if (this.#isOpen() && this.#stream.writable) this.#stream.write(framesOf(texts), this.#onSent);
    else this.#onSent();
  };
}

/** Final, text (RFC 6455, section 5.2); a server masks nothing. */
const finalText = 0x81;

function framesOf(texts: readonly string[]): Buffer {
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const frames = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + headSize(size) + size, 0));
  let at = 0;
  texts.forEach((text, index) => {
    const size = sizes[index] ?? 0;
    at = writeHead(frames, at, size);
    // As many bytes as characters: ASCII, which is written faster as what it is.
    frames.write(text, at, size === text.length ? 'latin1' : 'utf8');
    at += size;
  });
  return frames;
}

function headSize(size: number): number {
  return size < 126 ? 2 : size < 0x1_0000 ? 4 : 10;
}

function writeHead(frames: Buffer, start: number, size: number): number {
  frames[start] = finalText;
  switch (headSize(size)) {
    case 2:
      frames[start + 1] = size;
      return start + 2;
    case 4:
      frames[start + 1] = 126;
      return frames.writeUInt16BE(size, start + 2);
    default:
      frames[start + 1] = 127;
      frames.writeUInt32BE(0, start + 2);
      return frames.writeUInt32BE(size, start + 6);
  }
}
