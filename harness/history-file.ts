import { createHash } from 'node:crypto';
import { z } from 'zod';
import { decodeData, issuesInWords, parseData, readDataFile, refused, writeDataFile } from './data-file.ts';
import type { HarnessError } from './errors.ts';
import { type EventOf, type EventType, type History, type HistoryEvent, historySchemaId } from './history.ts';
import { historyEventSchema } from './history-schema.ts';

/** A history has about a megabyte; this is for production logs in this form. */
const limits = { what: 'history', bytesMax: 256 * 1024 * 1024 };
const lineBytesMax = 16 * 1024 * 1024;

/** A history as text: one JSON object a line, the header first. */
export function historyText(history: History): string {
  return [lineOf({ schema: history.schema }), ...history.events.map(lineOf)].join('');
}

/** SHA-256 of the history's text, in hex: equal histories have equal hashes. */
export function hashOf(history: History): string {
  const hash = createHash('sha256');
  // A megabyte of text need not be put together to be hashed; and to hand over each line costs more than to hash it.
  let stretch = lineOf({ schema: history.schema });
  for (const event of history.events) {
    stretch += lineOf(event);
    if (stretch.length < stretchCharacters) continue;
    hash.update(stretch);
    stretch = '';
  }
  return hash.update(stretch).digest('hex');
}

const stretchCharacters = 8 * 1024;

/** Writes a history as NDJSON. */
export async function writeHistory(path: string, history: History): Promise<void> {
  await writeDataFile(path, historyText(history));
}

/** Reads and checks a history. Rejects with a HarnessError that names the line and what is wrong with it. */
export async function readHistory(path: string): Promise<History> {
  const bytes = await readDataFile(path, limits);
  const refuse = (reason: string): HarnessError =>
    refused(limits.what, path, reason, 'Use a file that faultline wrote, or one of the same form.');
  const events: HistoryEvent[] = [];
  let number = 0;
  let last = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    number++;
    const at = number;
    const refuseLine = (reason: string): HarnessError => refuse(`in line ${at}, ${reason}`);
    if (end - start > lineBytesMax) throw refuseLine(`it has more than ${lineBytesMax} bytes`);
    const text = decodeData(bytes.subarray(start, end), refuseLine);
    const data = parseData(
      text,
      (reason) => (found === -1 ? refuse(`its last line (${at}) is cut off`) : refuseLine(reason)),
      // A result may hold any name.
      { foreignBelow: true },
    );
    if (number === 1) {
      checkHeader(data, refuse);
    } else {
      const parsed = historyEventSchema.safeParse(data);
      if (!parsed.success) throw refuseLine(`it is no event:\n  ${issuesInWords(parsed.error.issues)}`);
      const event: HistoryEvent = parsed.data;
      if (event.seq <= last) throw refuseLine(`the sequence number ${event.seq} does not follow ${last}`);
      last = event.seq;
      events.push(event);
    }
    start = end + 1;
  }
  if (number === 0) throw refuse('it is empty');
  return { schema: historySchemaId, events };
}

function lineOf(value: HistoryEvent | Pick<History, 'schema'>): string {
  return `${JSON.stringify(value)}\n`;
}

const header = z.strictObject({ schema: z.literal(historySchemaId) });

function checkHeader(data: unknown, refuse: (reason: string) => HarnessError): void {
  if (header.safeParse(data).success) return;
  const schema = typeof data === 'object' && data !== null && 'schema' in data ? data.schema : undefined;
  if (typeof schema === 'string' && schema.startsWith('faultline.history/') && schema !== historySchemaId)
    throw refuse(
      `its version is ${schema.slice(0, 40)}, and this version of faultline reads ${historySchemaId}`,
    );
  throw refuse(`its first line is not {"schema":"${historySchemaId}"}`);
}

// The schema and the union must say the same; this fails to compile where they do not.
type Read = z.infer<typeof historyEventSchema>;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const typesAgree: Same<Read['type'], EventType> = true;
const keysAgree: { [T in EventType]: Same<keyof Extract<Read, { type: T }>, keyof EventOf<T>> } extends {
  [T in EventType]: true;
}
  ? true
  : never = true;
void [typesAgree, keysAgree];
