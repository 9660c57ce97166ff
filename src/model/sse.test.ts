import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sse.ts';

function parse(pieces: readonly Uint8Array[]): string[] {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

/** The bytes cut at these places, empty pieces included. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const lineEnds = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
  fc.constantFrom(
    '',
    '',
    ': a comment',
    'event: x',
    'id: 5',
    'data',
    'data:no space',
    'data:  two',
    'retry: 3',
  ),
);

describe('server-sent events', () => {
  it('are read from lines that end in any way, past comments and other fields', () => {
    const text = ': hello\ndata: one\n\ndata: two\r\ndata:lines\r\n\r\nevent: x\rdata: three\r\r\n\n';
    expect(parse([Buffer.from(text)])).toEqual(['one', 'two\nlines', 'three']);
  });

  it('are the same however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(line, lineEnds)), fc.array(fc.nat(400)), (lines, places) => {
        const bytes = Buffer.from(lines.map((parts) => parts.join('')).join(''));
        const whole = parse([bytes]);
        expect(parse(cut(bytes, places))).toEqual(whole);
        expect(parse(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('may have a byte order mark before them, in whatever pieces it comes', () => {
    const bytes = Buffer.from('\ufeffdata: \ufeffone\n\n');
    expect(parse([bytes])).toEqual(['\ufeffone']);
    expect(parse(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(['\ufeffone']);
  });

  it('that are not ended by an empty line never came', () => {
    expect(parse([Buffer.from('data: one\n\ndata: half')])).toEqual(['one']);
  });
});
