import type { Json } from '../../history.ts';
import { type JsonObject, objectOf } from './json-shapes.ts';

/**
 * Where texts of one stream meet: what comes in pieces may hold a value that no piece of it holds. Texts of the same
 * name, in messages that follow one another or in their payloads, are read on as a client reads on what is streamed
 * to it. Texts deeper in a payload are no stream: they come whole.
 */
export class Seams {
  /** By stream and name, the word that the last text ended with. */
  readonly #ends = new Map<string, Map<string, string>>();

  /** The words across each seam between this message and the one before it in the stream. */
  after(stream: string | undefined, message: Json | undefined): readonly string[] {
    const frame = objectOf(message);
    if (stream === undefined || frame === undefined) return none;
    let ends = this.#ends.get(stream);
    if (ends === undefined) {
      ends = new Map();
      this.#ends.set(stream, ends);
    }
    const seams: string[] = [];
    readOn(ends, frame, seams);
    const payload = objectOf(frame.payload);
    if (payload !== undefined) readOn(ends, payload, seams);
    return seams;
  }
}

const none: readonly string[] = [];

function readOn(ends: Map<string, string>, texts: JsonObject, seams: string[]): void {
  for (const key of Object.keys(texts)) {
    const text = texts[key];
    if (typeof text !== 'string' || text === '') continue;
    const before = ends.get(key) ?? '';
    const end = wordAtEnd(text);
    if (before === '') {
      if (end !== '') ends.set(key, end);
      continue;
    }
    const start = wordAtStart(text);
    if (start !== '') seams.push(before + start);
    // A text that is one word goes on with the one before it.
    ends.set(key, (end.length === text.length ? before + end : end).slice(-reach));
  }
}

/** Characters on either side of a seam: more than any value has. */
const reach = 100;

/** Whole words alone on both sides, or what stands beside the value would be taken for a part of it. */
function wordAtEnd(text: string): string {
  let from = text.length;
  const least = Math.max(0, text.length - reach);
  while (from > least && isOfWord(text.charCodeAt(from - 1))) from--;
  return text.slice(from);
}

function wordAtStart(text: string): string {
  let to = 0;
  const most = Math.min(text.length, reach);
  while (to < most && isOfWord(text.charCodeAt(to))) to++;
  return text.slice(0, to);
}

/** A letter, a digit, or one of `_ . % + / = -`, as a value or one of its encoded forms has them. */
function isOfWord(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x2d && code <= 0x39) ||
    code === 0x5f ||
    code === 0x25 ||
    code === 0x2b ||
    code === 0x3d
  );
}
