import { at, integerArgument, is } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import type { Database } from '../database.ts';
import { Refusal, syntaxError, wrongArity } from '../refusal.ts';
import { array, bulk, bulks, emptyArray, integer, nil, nilArray } from '../reply.ts';
import type { Session } from '../session.ts';
import { Stream, type Trim } from '../stream.ts';
import {
  compareIds,
  greatestId,
  intervalEnd,
  intervalStart,
  leastId,
  newEntryId,
  printId,
  type StreamId,
  strictId,
} from '../stream-id.ts';
import type { StreamEntry } from '../stream-node.ts';

export const streamCommands: readonly Command[] = [
  command('xadd', -5, add),
  command('xlen', 2, ({ database }, args) => integer(streamAt(database, at(args, 1))?.length ?? 0)),
  command('xrange', -4, (session, args) => range(session, args, false)),
  command('xrevrange', -4, (session, args) => range(session, args, true)),
  command('xdel', -3, remove),
  command('xtrim', -4, trim),
];

/** Throws WRONGTYPE where something else lies there. */
export function streamAt(database: Database, key: string): Stream | undefined {
  return database.typed(key, 'stream')?.stream;
}

/** The stream under a key, made at need. */
export function streamMadeAt(database: Database, key: string): Stream {
  const known = streamAt(database, key);
  if (known !== undefined) return known;
  const stream = new Stream();
  database.put(key, { type: 'stream', stream });
  return stream;
}

export function entryReply(entry: StreamEntry): string {
  return array([bulk(printId(entry)), bulks(entry.fields)]);
}

/** The options of XADD and XTRIM; `next` is where they end. */
interface AddOptions {
  readonly trim: Trim | null;
  readonly makeStream: boolean;
  readonly next: number;
  /** The id of the new entry; null: the stream finds one. */
  readonly id: { readonly id: StreamId; readonly seqGiven: boolean } | null;
}

/** Entries in a hundred blocks: what Redis trims at most with `~` where no limit is given. */
const approximateLimit = 10_000;

function addOptions(args: readonly string[], of: 'xadd' | 'xtrim'): AddOptions {
  let target: { readonly maxLength: number } | { readonly minId: StreamId } | null = null;
  let approximate = false;
  let limit: number | null = null;
  let makeStream = true;
  let id: AddOptions['id'] = null;
  let i = 2;
  for (; i < args.length; i++) {
    const option = at(args, i);
    const left = args.length - 1 - i;
    if (of === 'xadd' && option === '*') break;
    if ((is(option, 'maxlen') || is(option, 'minid')) && left >= 1) {
      if (target !== null) {
        throw new Refusal('ERR syntax error, MAXLEN and MINID options at the same time are not compatible');
      }
      const how = at(args, i + 1);
      approximate = left >= 2 && how === '~';
      if (left >= 2 && (how === '~' || how === '=')) i += 1;
      i += 1;
      target = is(option, 'maxlen')
        ? { maxLength: maxLength(at(args, i)) }
        : { minId: strictId(at(args, i)) };
    } else if (is(option, 'limit') && left >= 1) {
      i += 1;
      limit = integerArgument(at(args, i));
      if (limit < 0) throw new Refusal('ERR The LIMIT argument must be >= 0.');
    } else if (of === 'xadd' && is(option, 'nomkstream')) {
      makeStream = false;
    } else if (of === 'xadd') {
      id = newEntryId(option);
      break;
    } else {
      throw syntaxError();
    }
  }
  if (target === null && limit !== null && limit > 0) {
    throw new Refusal('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy');
  }
  if (target === null && of === 'xtrim') {
    throw new Refusal('ERR syntax error, XTRIM must be called with a trimming strategy');
  }
  if (limit !== null && !approximate) {
    throw new Refusal('ERR syntax error, LIMIT cannot be used without the special ~ option');
  }
  const trim =
    target === null ? null : { ...target, approximate, limit: limit ?? (approximate ? approximateLimit : 0) };
  return { trim, makeStream, next: i, id };
}

function maxLength(text: string): number {
  const length = integerArgument(text);
  if (length < 0) throw new Refusal('ERR The MAXLEN argument must be >= 0.');
  return length;
}

function add(session: Session, args: readonly string[]): string {
  const { database } = session;
  const { trim: wanted, makeStream, next, id: given } = addOptions(args, 'xadd');
  const fields = args.slice(next + 1);
  if (fields.length < 2 || fields.length % 2 === 1) throw wrongArity('xadd');
  if (given?.seqGiven === true && compareIds(given.id, leastId) === 0) {
    throw new Refusal('ERR The ID specified in XADD must be greater than 0-0');
  }
  const key = at(args, 1);
  if (!makeStream && streamAt(database, key) === undefined) return nil;
  const stream = streamMadeAt(database, key);
  if (compareIds(stream.lastId, greatestId) === 0) {
    throw new Refusal('ERR The stream has exhausted the last possible ID, unable to add more items');
  }
  const id = given === null ? stream.nextId(session.now) : entryId(stream, given);
  if (compareIds(id, stream.lastId) <= 0) {
    throw new Refusal('ERR The ID specified in XADD is equal or smaller than the target stream top item');
  }
  stream.append(id, fields);
  database.changed(key);
  if (wanted !== null) stream.trim(wanted);
  session.redis.blocking.markReady(database, key);
  return bulk(printId(id));
}

/** With `ms-*` the sequence goes on within the same millisecond. */
function entryId({ lastId }: Stream, { id, seqGiven }: NonNullable<AddOptions['id']>): StreamId {
  if (seqGiven || id.ms !== lastId.ms) return id;
  return lastId.seq === Infinity ? lastId : { ms: id.ms, seq: lastId.seq + 1 };
}

function range({ database }: Session, args: readonly string[], reverse: boolean): string {
  const start = intervalStart(at(args, reverse ? 3 : 2));
  const end = intervalEnd(at(args, reverse ? 2 : 3));
  let count: number | null = null;
  for (let i = 4; i < args.length; i += 2) {
    if (!is(args[i], 'count') || i + 1 === args.length) throw syntaxError();
    count = Math.max(0, integerArgument(at(args, i + 1)));
  }
  const stream = streamAt(database, at(args, 1));
  if (stream === undefined) return emptyArray;
  if (count === 0) return nilArray;
  const entries = reverse
    ? stream.reverseRange(start, end, count ?? 0)
    : stream.range(start, end, count ?? 0);
  return array(entries.map(entryReply));
}

function remove({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const stream = streamAt(database, key);
  if (stream === undefined) return integer(0);
  const ids = args.slice(2).map((text) => strictId(text));
  const deleted = ids.filter((id) => stream.delete(id)).length;
  if (deleted > 0) database.changed(key);
  return integer(deleted);
}

function trim({ database }: Session, args: readonly string[]): string {
  const { trim: wanted } = addOptions(args, 'xtrim');
  const key = at(args, 1);
  const stream = streamAt(database, key);
  if (stream === undefined || wanted === null) return integer(0);
  const deleted = stream.trim(wanted);
  if (deleted > 0) database.changed(key);
  return integer(deleted);
}
