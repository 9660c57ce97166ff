import type { ValueClass } from '../value-class.ts';
import { live, typed } from './kinds.ts';

/** Bytes, and views on them. */
export const binary: readonly ValueClass[] = [
  typed('Uint8Array', () => Uint8Array.of(1, 2, 255), [...bytesAs([1, 2, 255])]),
  typed('Int16Array', () => Int16Array.of(-1, 300), [[-1, 300]]),
  typed('Float64Array with NaN and -0', () => Float64Array.of(1.5, Number.NaN, -0), []),
  typed('BigInt64Array', () => BigInt64Array.of(-1n, 2n ** 60n), [
    ['-1', '1152921504606846976'],
    ['-1n', '1152921504606846976n'],
  ]),
  typed(
    'window on a larger buffer',
    () => new Uint8Array(Uint8Array.of(9, 1, 2, 9).buffer, 1, 2),
    [...bytesAs([1, 2])],
    (copy) => copy instanceof Uint8Array && copy.length === 2 && copy[0] === 1 && copy[1] === 2,
  ),
  typed('Buffer', () => Buffer.from('hi there'), [
    Uint8Array.from(Buffer.from('hi there')),
    ...bytesAs([...Buffer.from('hi there')]),
    { type: 'Buffer', data: [...Buffer.from('hi there')] },
  ]),
  typed('ArrayBuffer', () => Uint8Array.of(1, 2).buffer, [...bytesAs([1, 2])]),
  live('SharedArrayBuffer', () => new SharedArrayBuffer(2)),
  typed('DataView', () => new DataView(Uint8Array.of(1, 2).buffer), [...bytesAs([1, 2])]),
  live('detached typed array', () => {
    const detached = new Uint8Array(8);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    return detached;
  }),
  live('Blob', () => new Blob(['hi'])),
];

/** The plain forms in which bytes can be read again. */
function bytesAs(bytes: readonly number[]): readonly unknown[] {
  const buffer = Buffer.from(bytes);
  return [bytes, buffer.toString('base64'), buffer.toString('hex'), buffer.toString('base64url')];
}
