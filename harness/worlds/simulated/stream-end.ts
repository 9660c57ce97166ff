import { Duplex } from 'node:stream';
import type { GateEnd } from '../../wires/gate-contract.ts';
import type { Kernel, Realm } from './kernel.ts';

/** Takes what the holder of an end does to it. */
export interface Carrier {
  data(bytes: Buffer): void;
  ended(): void;
  reset(): void;
}

/**
 * One end of an in-memory connection, as its holder sees it: in the place of a `net.Socket`, with as much
 * of one as clients and servers ask for. What the holder does goes to the carrier; what arrives is
 * delivered in the holder's realm, and to nobody once that realm is dead.
 */
export class StreamEnd extends Duplex {
  connecting = false;
  readonly remoteAddress = '127.0.0.1';
  readonly realm: Realm;
  readonly #kernel: Kernel;
  readonly #waiting: (() => void)[] = [];
  /** The end at which what is written here is read; null: it is read at once, whoever reads it. */
  reader: StreamEnd | null = null;
  /** Writers at the other end who wait until this one is read again. */
  readonly #heldBack: { readonly realm: Realm; readonly goOn: () => void }[] = [];
  #carrier: Carrier | null = null;
  #ended = false;

  constructor(kernel: Kernel, realm: Realm, options: { readonly allowHalfOpen: boolean }) {
    super({
      allowHalfOpen: options.allowHalfOpen,
      decodeStrings: true,
      // Said here, because the platform's own differs from one version to the next.
      readableHighWaterMark: unreadMax,
      writableHighWaterMark: unreadMax,
    });
    this.#kernel = kernel;
    this.realm = realm;
  }

  /** From here on the end is connected. */
  carry(carrier: Carrier): void {
    this.#carrier = carrier;
    if (this.#ended) carrier.ended();
  }

  /** What arrives at this end, for the gate to call. */
  readonly arrivals: GateEnd = {
    write: (bytes) => this.#deliver(() => this.push(bytes)),
    end: () =>
      this.#deliver(() => {
        this.push(null);
        // As a socket does: an end that comes behind nothing is seen by whoever does not read, too.
        this.read(0);
      }),
    reset: () => this.#deliver(() => this.breaks('ECONNRESET')),
  };

  /** The connection is gone, and the holder is told by an error with this code. */
  breaks(code: 'ECONNRESET' | 'ECONNREFUSED'): void {
    this.#ended = true;
    this.destroy(Object.assign(new Error(`connection: ${code}`), { code, syscall: 'read' }));
  }

  /** The holder is dead: what it still does comes to nothing, and the other side finds the connection broken. */
  abandon(): void {
    if (!this.#ended) this.#carrier?.reset();
    this.#ended = true;
    this.#carrier = null;
  }

  override _read(): void {
    if (this.#heldBack.length > 0) this.#letGoOn();
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    if (!this.#ended) this.#carrier?.data(bytes);
    const { reader } = this;
    // As a socket does whose peer does not read: the writer keeps what is more.
    if (reader === null || reader.readableLength <= unreadMax || reader.destroyed) done();
    else reader.#heldBack.push({ realm: this.realm, goOn: () => done() });
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    const first = chunks[0]?.chunk ?? Buffer.alloc(0);
    this._write(chunks.length === 1 ? first : Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: () => void): void {
    this.#end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#end();
    this.#letGoOn();
    done(error);
  }

  // What a TCP socket has and memory does not need.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #letGoOn(): void {
    for (const { realm, goOn } of this.#heldBack.splice(0)) this.#kernel.schedule(0, goOn, realm);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#carrier?.ended();
  }

  /** In the holder's realm: within this event where that can be, else in one of its own, never out of order. */
  #deliver(run: () => void): void {
    if (!this.realm.alive || this.destroyed) return;
    if (this.#waiting.length === 0 && this.#kernel.enter(this.realm)) {
      run();
      return;
    }
    this.#waiting.push(run);
    if (this.#waiting.length > 1) return;
    this.#kernel.schedule(
      0,
      () => {
        for (const waiting of this.#waiting.splice(0)) {
          if (!this.destroyed) waiting();
        }
      },
      this.realm,
    );
  }
}

/** Bytes that wait at an end to be read, before whoever writes more is held back. */
const unreadMax = 64 * 1024;
