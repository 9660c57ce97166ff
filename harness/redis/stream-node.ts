import type { StreamId } from './stream-id.ts';

/** Fields and values in turn. */
export interface StreamEntry extends StreamId {
  readonly fields: readonly string[];
}

const bytesMax = 4096;
const entriesMax = 100;

/**
 * A stretch of a stream that Redis keeps in one block. Trimming with `~` drops whole blocks only, so where
 * they end can be seen from outside: after 100 entries, or when the encoded block would pass 4096 bytes.
 */
export class StreamNode {
  readonly entries: StreamEntry[] = [];
  /** The last id that was ever in it; deleted entries leave their place in the block. */
  last: StreamId;
  readonly #first: StreamId;
  readonly #fieldNames: readonly string[];
  #everIn = 0;
  #bytes: number;

  constructor(first: StreamEntry) {
    this.#first = first;
    this.last = first;
    this.#fieldNames = namesOf(first.fields);
    const fixed = 7 + elementSize(1) + elementSize(0) + elementSize(this.#fieldNames.length) + elementSize(0);
    this.#bytes = fixed + sizeOfTexts(this.#fieldNames);
    this.append(first);
  }

  hasRoomFor(fields: readonly string[]): boolean {
    if (this.#everIn >= entriesMax) return false;
    let size = this.#bytes;
    for (const text of fields) size += text.length;
    return size < bytesMax;
  }

  append(entry: StreamEntry): void {
    const { fields } = entry;
    const count = fields.length / 2;
    const sameFields = this.#hasFieldsOf(fields);
    let size =
      elementSize(sameFields ? 2 : 0) +
      elementSize(entry.ms - this.#first.ms) +
      elementSize(entry.seq - this.#first.seq) +
      elementSize(sameFields ? count + 3 : 2 * count + 4);
    if (!sameFields) size += elementSize(count);
    for (let i = sameFields ? 1 : 0; i < fields.length; i += sameFields ? 2 : 1) {
      size += textSize(fields[i] ?? '');
    }
    this.#bytes += size;
    this.#everIn += 1;
    this.entries.push(entry);
    this.last = entry;
  }

  #hasFieldsOf(fields: readonly string[]): boolean {
    const names = this.#fieldNames;
    return names.length * 2 === fields.length && names.every((name, i) => fields[i * 2] === name);
  }
}

function namesOf(fields: readonly string[]): string[] {
  return fields.filter((_, index) => index % 2 === 0);
}

function sizeOfTexts(texts: readonly string[]): number {
  let size = 0;
  for (const text of texts) size += textSize(text);
  return size;
}

/** Texts that are integers are kept as such. */
function textSize(text: string): number {
  if (text.length < 20 && /^(0|-?[1-9]\d*)$/.test(text)) return elementSize(Number(text));
  const { length } = text;
  return withBackLength(length + (length < 64 ? 1 : length < 4096 ? 2 : 5));
}

function elementSize(value: number): number {
  if (value >= 0 && value <= 127) return withBackLength(1);
  if (value >= -4096 && value <= 4095) return withBackLength(2);
  if (value >= -(2 ** 15) && value < 2 ** 15) return withBackLength(3);
  if (value >= -(2 ** 23) && value < 2 ** 23) return withBackLength(4);
  if (value >= -(2 ** 31) && value < 2 ** 31) return withBackLength(5);
  return withBackLength(9);
}

function withBackLength(size: number): number {
  if (size <= 127) return size + 1;
  if (size < 16383) return size + 2;
  return size < 2097151 ? size + 3 : size + 4;
}
