import nodeCrypto from 'node:crypto';
import type { Replacements } from './replacement.ts';
import { idleStream, onStage, type RandomStream } from './stage.ts';

/** Replaces every source of chance: `Math.random` and the random parts of `node:crypto` and WebCrypto. */
export function replaceRandomness(replacements: Replacements): void {
  const idle = idleStream();
  bytes = () => onStage.play?.bytes ?? idle;
  replacements.set(Math, 'random', () => (onStage.play?.chance ?? idle).next());
  replacements.set(nodeCrypto, 'randomBytes', randomBytes);
  replacements.set(nodeCrypto, 'randomFillSync', randomFillSync);
  replacements.set(nodeCrypto, 'randomFill', randomFill);
  replacements.set(nodeCrypto, 'randomInt', randomInt);
  replacements.set(nodeCrypto, 'randomUUID', randomUUID);
  // `node:crypto` hands on what it finds on this object.
  replacements.set(globalThis.crypto, 'getRandomValues', getRandomValues);
  replacements.set(globalThis.crypto, 'randomUUID', randomUUID);
}

let bytes: () => RandomStream = idleStream;

type Done<T> = (error: null, value: T) => void;

function randomBytes(size: number, done?: Done<Buffer>): Buffer | undefined {
  const buffer = Buffer.alloc(size);
  bytes().fill(buffer);
  return handOver(buffer, done);
}

function randomFillSync<T extends ArrayBufferView | ArrayBuffer>(target: T, offset = 0, size?: number): T {
  const view = ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    : new Uint8Array(target);
  // Offset and size count elements, not bytes.
  const width = (target as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const end = size === undefined ? view.length : (offset + size) * width;
  bytes().fill(view.subarray(offset * width, end));
  return target;
}

function randomFill<T extends ArrayBufferView>(target: T, ...rest: (number | Done<T>)[]): void {
  const done = rest.pop() as Done<T>;
  handOver(randomFillSync(target, ...(rest as number[])), done);
}

function randomInt(first: number, second?: number | Done<number>, third?: Done<number>): number | undefined {
  const [low, high] = typeof second === 'number' ? [first, second] : [0, first];
  const done = typeof second === 'function' ? second : third;
  // 53 bits, as a range may be wider than 32.
  const share = (bytes().next32() * 0x20_0000 + (bytes().next32() >>> 11)) / 2 ** 53;
  return handOver(low + Math.floor(share * (high - low)), done);
}

function randomUUID(): `${string}-${string}-${string}-${string}-${string}` {
  const buffer = Buffer.alloc(16);
  bytes().fill(buffer);
  buffer[6] = ((buffer[6] ?? 0) & 0x0f) | 0x40;
  buffer[8] = ((buffer[8] ?? 0) & 0x3f) | 0x80;
  const hex = buffer.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function getRandomValues<T extends ArrayBufferView>(target: T): T {
  return randomFillSync(target);
}

function handOver<T>(value: T, done: Done<T> | undefined): T | undefined {
  if (done === undefined) return value;
  setImmediate(() => done(null, value));
  return undefined;
}
