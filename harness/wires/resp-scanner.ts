/**
 * Where a RESP value ends, without making anything of it but the arguments of a request. Limits are those of
 * Redis itself; beyond them a server closes the connection, and so does no gate.
 */

/** Bytes that are not RESP. `bytes`: from the start of the unit on. */
export class NotResp extends Error {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    super('these bytes are not RESP');
    this.name = 'NotResp';
    this.bytes = bytes;
  }
}

/** Scans requests; `args` are those of the unit that `end` found last (none for an empty line), as bytes (latin1). */
export class RequestScanner {
  args: string[] = [];

  /** A `UnitEnd`. Throws NotResp. */
  readonly end = (bytes: Buffer, start: number): number => {
    const args: string[] = [];
    this.args = args;
    if (bytes[start] !== arrayType) return this.#inlineEnd(bytes, start);
    const line = lineEnd(bytes, start);
    if (line < 0) return line;
    const count = integer(bytes, start + 1, line, argumentsMax, start);
    let at = line + 2;
    for (let i = 0; i < count; i++) {
      if (at >= bytes.length) return start - at - 4;
      if (bytes[at] !== bulkType) throw new NotResp(bytes.subarray(start));
      const end = lineEnd(bytes, at, start);
      if (end < 0) return end;
      const from = end + 2;
      const to = from + integer(bytes, at + 1, end, bulkBytesMax, start);
      if (to + 2 > bytes.length) return start - to - 2;
      args.push(bytes.toString('latin1', from, to));
      at = to + 2;
    }
    return at;
  };

  #inlineEnd(bytes: Buffer, start: number): number {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0 || newline - start > inlineBytesMax) {
      if (bytes.length - start > inlineBytesMax) throw new NotResp(bytes.subarray(start));
      return start - bytes.length - 1;
    }
    const words = bytes.toString('latin1', start, newline).split(/\s+/);
    this.args = words.filter((word) => word !== '');
    return newline + 1;
  }
}

/** A `UnitEnd` for replies, RESP2 and RESP3. Throws NotResp. */
export function replyEnd(bytes: Buffer, start: number): number {
  let at = start;
  /** Values still to come: an aggregate adds what it holds. */
  for (let left = 1; left > 0; left--) {
    if (at >= bytes.length) return start - at - 3;
    const type = bytes[at] ?? 0;
    const end = lineEnd(bytes, at, start);
    if (end < 0) return end;
    switch (type) {
      case 0x2b: // + simple string
      case 0x2d: // - error
      case 0x3a: // : integer
      case 0x5f: // _ null
      case 0x23: // # boolean
      case 0x2c: // , double
      case 0x28: // ( big number
        at = end + 2;
        break;
      case bulkType:
      case 0x21: // ! bulk error
      case 0x3d: // = verbatim string
        if (bytes[at + 1] === minus) {
          at = end + 2;
        } else {
          at = end + 2 + integer(bytes, at + 1, end, bulkBytesMax, start) + 2;
          if (at > bytes.length) return start - at;
        }
        break;
      case arrayType:
      case 0x7e: // ~ set
      case 0x3e: // > push
        left += heldBy(bytes, at, end, start);
        at = end + 2;
        break;
      case 0x25: // % map
        left += 2 * heldBy(bytes, at, end, start);
        at = end + 2;
        break;
      case 0x7c: // | attribute: stands before the value that it is about
        left += 2 * heldBy(bytes, at, end, start) + 1;
        at = end + 2;
        break;
      default:
        throw new NotResp(bytes.subarray(start));
    }
  }
  return at;
}

const arrayType = 0x2a;
const bulkType = 0x24;
const minus = 0x2d;
const argumentsMax = 1024 * 1024;
const elementsMax = 0xffff_ffff;
const bulkBytesMax = 512 * 1024 * 1024;
const inlineBytesMax = 64 * 1024;

/** Offset of the CR that ends the line at `at`, or the negated number of bytes needed from `start`. */
function lineEnd(bytes: Buffer, at: number, start = at): number {
  const cr = bytes.indexOf(0x0d, at);
  if (cr < 0 || cr + 1 >= bytes.length) return start - bytes.length - 1;
  return cr;
}

/** How many values an aggregate's head announces; none for a null (`*-1`). */
function heldBy(bytes: Buffer, at: number, end: number, start: number): number {
  return bytes[at + 1] === minus ? 0 : integer(bytes, at + 1, end, elementsMax, start);
}

function integer(bytes: Buffer, from: number, to: number, max: number, start: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) throw new NotResp(bytes.subarray(start));
    value = value * 10 + digit;
  }
  if (from === to || value > max) throw new NotResp(bytes.subarray(start));
  return value;
}
