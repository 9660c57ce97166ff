import { Refusal } from './refusal.ts';

/**
 * The id of a stream's entry. Each part is a number up to 2^53, or Infinity for 2^64-1, the greatest that
 * Redis knows; parts in between are rounded.
 */
export interface StreamId {
  readonly ms: number;
  readonly seq: number;
}

export const leastId: StreamId = { ms: 0, seq: 0 };
export const greatestId: StreamId = { ms: Infinity, seq: Infinity };

const greatestPart = '18446744073709551615';

export function compareIds(a: StreamId, b: StreamId): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1;
  if (a.seq !== b.seq) return a.seq < b.seq ? -1 : 1;
  return 0;
}

export function printId(id: StreamId): string {
  return `${printPart(id.ms)}-${printPart(id.seq)}`;
}

/** The next id; null after the greatest. */
export function idAfter(id: StreamId): StreamId | null {
  if (id.seq !== Infinity) return { ms: id.ms, seq: id.seq + 1 };
  return id.ms === Infinity ? null : { ms: id.ms + 1, seq: 0 };
}

/** The id before; null before the least. */
export function idBefore(id: StreamId): StreamId | null {
  if (id.seq === Infinity) return { ms: id.ms, seq: Number.MAX_SAFE_INTEGER };
  if (id.seq !== 0) return { ms: id.ms, seq: id.seq - 1 };
  return id.ms === 0 ? null : { ms: id.ms - 1, seq: Infinity };
}

/** `ms-seq`, or `ms` alone with `missingSeq`. Throws a Refusal for anything else. */
export function strictId(text: string, missingSeq = 0): StreamId {
  const id = readId(text, missingSeq);
  if (id === null) throw invalidId();
  return id;
}

/** The same, and `-` and `+` for the ends. */
export function looseId(text: string, missingSeq = 0): StreamId {
  if (text === '-') return leastId;
  if (text === '+') return greatestId;
  return strictId(text, missingSeq);
}

/** The ends of an interval: `(` before an id leaves it out. */
export function intervalStart(text: string): StreamId {
  return intervalEdge(text, 0, idAfter, 'ERR invalid start ID for the interval');
}

export function intervalEnd(text: string): StreamId {
  return intervalEdge(text, Infinity, idBefore, 'ERR invalid end ID for the interval');
}

/** An id for a new entry: `ms-*` leaves the sequence to the stream. */
export function newEntryId(text: string): { readonly id: StreamId; readonly seqGiven: boolean } {
  if (text.endsWith('-*')) {
    const ms = readPart(text.slice(0, -2));
    if (ms === null) throw invalidId();
    return { id: { ms, seq: 0 }, seqGiven: false };
  }
  return { id: strictId(text), seqGiven: true };
}

function intervalEdge(
  text: string,
  missingSeq: number,
  beside: (id: StreamId) => StreamId | null,
  message: string,
): StreamId {
  if (text.length < 2 || !text.startsWith('(')) return looseId(text, missingSeq);
  const id = beside(strictId(text.slice(1), missingSeq));
  if (id === null) throw new Refusal(message);
  return id;
}

function readId(text: string, missingSeq: number): StreamId | null {
  const dash = text.indexOf('-');
  const ms = readPart(dash < 0 ? text : text.slice(0, dash));
  const seq = dash < 0 ? missingSeq : readPart(text.slice(dash + 1));
  return ms === null || seq === null ? null : { ms, seq };
}

function readPart(text: string): number | null {
  if (text === greatestPart) return Infinity;
  if (!/^\d{1,20}$/.test(text)) return null;
  const value = Number(text);
  return value >= 2 ** 64 ? null : value;
}

function printPart(part: number): string {
  return part === Infinity ? greatestPart : String(part);
}

function invalidId(): Refusal {
  return new Refusal('ERR Invalid stream ID specified as stream command argument');
}
