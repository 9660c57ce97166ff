/** Where things are in one WebSocket frame (RFC 6455, section 5.2), as offsets into the bytes that hold it. */
export interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  /** Offset of the masking key; -1 for a frame that is not masked. */
  readonly mask: number;
  readonly payload: number;
  /** May lie beyond the bytes that have come. */
  readonly end: number;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The frame that begins at `start`; null where its header is not whole. */
export function frameAt(bytes: Buffer, start: number): Frame | null {
  if (bytes.length < start + 2) return null;
  const first = bytes[start] ?? 0;
  const second = bytes[start + 1] ?? 0;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const masked = (second & 0x80) !== 0;
  const payload = start + 2 + lengthBytes + (masked ? 4 : 0);
  if (bytes.length < payload) return null;
  const length =
    lengthBytes === 0
      ? short
      : lengthBytes === 2
        ? bytes.readUInt16BE(start + 2)
        : Number(bytes.readBigUInt64BE(start + 2));
  return {
    final: (first & 0x80) !== 0,
    opcode: first & 0x0f,
    mask: masked ? payload - 4 : -1,
    payload,
    end: payload + length,
  };
}

/**
 * A copy with the last byte of its payload replaced by `#`: no JSON any more, though still a frame. A frame
 * without a payload gets a reserved bit instead, which every receiver must refuse.
 */
export function damagedFrame(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  let at = 0;
  let frame = frameAt(damaged, 0);
  for (let next = frame; next !== null && next.end < damaged.length; ) {
    at = next.end;
    next = frameAt(damaged, at);
    frame = next ?? frame;
  }
  if (frame === null || frame.end === frame.payload) {
    damaged[at] = (damaged[at] ?? 0) | 0x40;
    return damaged;
  }
  const last = frame.end - 1;
  const key = frame.mask < 0 ? 0 : (damaged[frame.mask + ((last - frame.payload) & 3)] ?? 0);
  damaged[last] = 0x23 ^ key;
  return damaged;
}

/**
 * A message of one frame as several: the first with its opcode, the others as continuations, the last of them
 * final. Null where it is none, or too short: each frame holds four bytes at least.
 */
export function fragmentedFrame(bytes: Buffer, frames: number): Buffer | null {
  const whole = frameAt(bytes, 0);
  if (whole === null || !whole.final || whole.opcode >= opcodes.close || whole.end !== bytes.length)
    return null;
  const payload = bytes.subarray(whole.payload, whole.end);
  // The mask's four bytes then begin anew with each piece.
  const size = Math.max(4, Math.ceil(payload.length / frames / 4) * 4);
  if (payload.length <= size) return null;
  const mask = whole.mask < 0 ? Buffer.alloc(0) : bytes.subarray(whole.mask, whole.mask + 4);
  const parts: Buffer[] = [];
  for (let start = 0; start < payload.length; start += size) {
    const piece = payload.subarray(start, start + size);
    const isFirst = start === 0;
    const isLast = start + size >= payload.length;
    const flags = isFirst ? (bytes[0] ?? 0) & 0x7f : opcodes.continuation;
    parts.push(frameHead((isLast ? 0x80 : 0) | flags, piece.length, whole.mask >= 0), mask, piece);
  }
  return Buffer.concat(parts);
}

/** A close frame without a reason; masked, as a client must, with a mask of zeros. */
export function closeFrame(code: number, masked: boolean): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return Buffer.concat([frameHead(0x80 | opcodes.close, 2, masked), Buffer.alloc(masked ? 4 : 0), payload]);
}

function frameHead(first: number, length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126) return Buffer.from([first, bit | length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = bit | (length < 65_536 ? 126 : 127);
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
