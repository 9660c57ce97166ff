import { at, integerArgument, is, waitUntil } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import { printed, Refusal, syntaxError } from '../refusal.ts';
import { array, bulk, errorReply, nilArray } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Stream } from '../stream.ts';
import type { StreamConsumer, StreamGroup } from '../stream-group.ts';
import { compareIds, greatestId, idAfter, printId, type StreamId, strictId } from '../stream-id.ts';
import { entryReply, streamAt } from './streams.ts';

export const streamReadingCommands: readonly Command[] = [
  command('xread', -4, (session, args) => read(session, args, 'xread')),
  command('xreadgroup', -7, (session, args) => read(session, args, 'xreadgroup')),
];

interface ReadOptions {
  /** 0: all. */
  readonly count: number;
  /** In ms since the epoch, 0: without end; null: does not wait. */
  readonly until: number | null;
  readonly group: GroupReading | null;
  readonly keys: readonly string[];
  readonly ids: readonly string[];
}

interface GroupReading {
  readonly name: string;
  readonly consumer: string;
  /** What is read counts as confirmed. */
  readonly noAck: boolean;
}

/** What a wait without COUNT gets at most. */
const countOfWait = 1000;

function read(session: Session, args: readonly string[], name: 'xread' | 'xreadgroup'): string {
  const options = readOptions(args, name, session.now);
  const starts = options.keys.map((key, index) => startOf(session, options, key, options.ids[index] ?? ''));
  const replies: string[] = [];
  for (const [index, key] of options.keys.entries()) {
    const stream = streamAt(session.database, key);
    const start = starts[index];
    if (stream === undefined || start === undefined) continue;
    const reply = readNow(session, stream, key, start, options);
    if (reply !== null) replies.push(reply);
  }
  if (replies.length > 0) return array(replies);
  if (options.until === null) return nilArray;
  return waitForEntries(session, options, starts, options.until);
}

function readOptions(args: readonly string[], name: 'xread' | 'xreadgroup', now: number): ReadOptions {
  let count = 0;
  let until: number | null = null;
  let group: { readonly name: string; readonly consumer: string } | null = null;
  let noAck = false;
  for (let i = 1; i < args.length; i++) {
    const option = args[i];
    const left = args.length - 1 - i;
    if (is(option, 'block') && left >= 1) {
      i += 1;
      until = waitUntil(at(args, i), 'milliseconds', now);
    } else if (is(option, 'count') && left >= 1) {
      i += 1;
      count = Math.max(0, integerArgument(at(args, i)));
    } else if (is(option, 'streams') && left >= 1) {
      if (left % 2 !== 0) throw unbalanced();
      if (name === 'xreadgroup' && group === null)
        throw new Refusal('ERR Missing GROUP option for XREADGROUP');
      const middle = i + 1 + left / 2;
      return {
        count,
        until,
        group: group === null ? null : { ...group, noAck },
        keys: args.slice(i + 1, middle),
        ids: args.slice(middle),
      };
    } else if (is(option, 'group') && left >= 2) {
      if (name === 'xread') throw onlyForGroups('GROUP');
      group = { name: at(args, i + 1), consumer: at(args, i + 2) };
      i += 2;
    } else if (is(option, 'noack')) {
      if (name === 'xread') throw onlyForGroups('NOACK');
      noAck = true;
    } else {
      throw syntaxError();
    }
  }
  throw syntaxError();
}

function unbalanced(): Refusal {
  return new Refusal(
    "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
  );
}

function onlyForGroups(option: string): Refusal {
  return new Refusal(`ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`);
}

/** After which entry reading begins; `new`: after what the group has read. */
type Start = StreamId | 'new';

function startOf(session: Session, { group }: ReadOptions, key: string, id: string): Start {
  const stream = streamAt(session.database, key);
  if (group !== null && stream?.groups.has(group.name) !== true) {
    throw new Refusal(
      `NOGROUP No such key '${printed(key)}' or consumer group '${printed(group.name)}' in XREADGROUP with GROUP option`,
    );
  }
  if (id === '$') {
    if (group !== null) {
      throw new Refusal(
        'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this ' +
          'consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just ' +
          'return an empty result set.',
      );
    }
    return stream?.lastId ?? strictId('0');
  }
  if (id === '>') {
    if (group === null) {
      throw new Refusal(
        'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
      );
    }
    return 'new';
  }
  const start = strictId(id);
  return group !== null && compareIds(start, greatestId) === 0 ? 'new' : start;
}

/** The stream's part of the reply; null where there is nothing to read yet. */
function readNow(
  session: Session,
  stream: Stream,
  key: string,
  start: Start,
  { count, group: reading }: ReadOptions,
): string | null {
  const group = reading === null ? undefined : stream.groups.get(reading.name);
  if (reading === null || group === undefined) {
    return start === 'new' ? null : readAfter(stream, key, start, count);
  }
  if (start !== 'new') {
    const consumer = group.consumer(reading.consumer, session.now);
    return array([bulk(key), history(stream, consumer, start, count, session.now)]);
  }
  if (!hasEntryAfter(stream, group.lastId)) return null;
  return readNew(stream, key, group, reading, count, session.now);
}

function hasEntryAfter(stream: Stream, id: StreamId): boolean {
  const next = idAfter(id);
  return next !== null && stream.range(next, greatestId, 1).length > 0;
}

function readAfter(stream: Stream, key: string, start: StreamId, count: number): string | null {
  if (!hasEntryAfter(stream, start)) return null;
  const entries = stream.range(idAfter(start) ?? greatestId, greatestId, count);
  return array([bulk(key), array(entries.map(entryReply))]);
}

/** Entries that no consumer of the group has got yet go to this one. */
function readNew(
  stream: Stream,
  key: string,
  group: StreamGroup,
  { consumer: name, noAck }: GroupReading,
  count: number,
  now: number,
): string {
  const consumer = group.consumer(name, now);
  const entries = stream.range(idAfter(group.lastId) ?? greatestId, greatestId, count);
  for (const entry of entries) {
    if (compareIds(entry, group.lastId) > 0) {
      group.entriesRead =
        group.entriesRead !== null && !stream.hasGapsFrom(entry)
          ? group.entriesRead + 1
          : stream.addedUpTo(entry);
      group.lastId = { ms: entry.ms, seq: entry.seq };
    }
    if (!noAck) group.deliver(group.lastId, consumer, now);
  }
  return array([bulk(key), array(entries.map(entryReply))]);
}

/** What this consumer got after `start` and has not confirmed; entries that are gone have no fields. */
function history(
  stream: Stream,
  consumer: StreamConsumer,
  start: StreamId,
  count: number,
  now: number,
): string {
  const owned = [...consumer.pending.values()]
    .filter(({ id }) => compareIds(id, start) > 0)
    .sort((a, b) => compareIds(a.id, b.id));
  return array(
    (count > 0 ? owned.slice(0, count) : owned).map((pending) => {
      const entry = stream.get(pending.id);
      if (entry === undefined) return array([bulk(printId(pending.id)), nilArray]);
      pending.deliveredAt = now;
      pending.deliveries += 1;
      return entryReply(entry);
    }),
  );
}

function waitForEntries(
  session: Session,
  options: ReadOptions,
  starts: readonly Start[],
  until: number,
): string {
  const { keys, group: reading } = options;
  const count = options.count > 0 ? options.count : countOfWait;
  return session.wait({
    kind: 'stream',
    keys,
    until,
    timedOut: nilArray,
    serve: (key, value) => {
      if (value?.type !== 'stream') return reading === null ? null : gone;
      const { stream } = value;
      const start = starts[keys.indexOf(key)] ?? 'new';
      const group = reading === null ? undefined : stream.groups.get(reading.name);
      if (reading !== null && group === undefined) return noGroup;
      const from = group?.lastId ?? start;
      if (from === 'new' || compareIds(stream.lastId, from) <= 0) return null;
      if (reading !== null && group !== undefined) {
        return array([readNew(stream, key, group, reading, count, session.now)]);
      }
      const entries = stream.range(idAfter(from) ?? greatestId, greatestId, count);
      return array([array([bulk(key), array(entries.map(entryReply))])]);
    },
  });
}

const gone = errorReply('UNBLOCKED the stream key no longer exists');
const noGroup = errorReply('NOGROUP the consumer group this client was blocked on no longer exists');
