import { at, integerArgument, is } from '../arguments.ts';
import { type Command, command, container } from '../command.ts';
import type { Database } from '../database.ts';
import { printed, Refusal, syntaxError } from '../refusal.ts';
import { array, bulk, emptyArray, integer, nil, nilArray, ok } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Stream } from '../stream.ts';
import { StreamGroup } from '../stream-group.ts';
import {
  compareIds,
  intervalEnd,
  intervalStart,
  leastId,
  looseId,
  printId,
  type StreamId,
  strictId,
} from '../stream-id.ts';
import { streamAt, streamMadeAt } from './streams.ts';

export const streamGroupCommands: readonly Command[] = [
  container('xgroup', [
    ['create', -5, create],
    ['setid', -5, setId],
    ['destroy', 4, destroy],
    ['createconsumer', 5, createConsumer],
    ['delconsumer', 5, removeConsumer],
  ]),
  command('xack', -4, acknowledge),
  command('xpending', -3, (session, args) =>
    args.length === 3 ? summary(session, args) : list(session, args),
  ),
];

interface GroupOptions {
  readonly makeStream: boolean;
  readonly entriesRead: number | null;
}

function groupOptions(args: readonly string[], of: 'create' | 'setid'): GroupOptions {
  let makeStream = false;
  let entriesRead: number | null = null;
  for (let i = 5; i < args.length; i++) {
    if (of === 'create' && is(args[i], 'mkstream')) {
      makeStream = true;
    } else if (is(args[i], 'entriesread') && i + 1 < args.length) {
      i += 1;
      const given = integerArgument(at(args, i));
      if (given < -1) throw new Refusal('ERR value for ENTRIESREAD must be positive or -1');
      entriesRead = given === -1 ? null : given;
    } else {
      throw wrongSubcommand('xgroup', args);
    }
  }
  return { makeStream, entriesRead };
}

/** Throws a Refusal where there is no stream. */
function existingStream(database: Database, key: string): Stream {
  const stream = streamAt(database, key);
  if (stream === undefined) throw keyMustExist();
  return stream;
}

function keyMustExist(): Refusal {
  return new Refusal(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the ' +
      'MKSTREAM option to create an empty stream automatically.',
  );
}

/** Throws a Refusal where there is no stream or no such group. */
function existingGroup({ database }: Session, args: readonly string[]): StreamGroup {
  const key = at(args, 2);
  const name = at(args, 3);
  const group = existingStream(database, key).groups.get(name);
  if (group === undefined) throw noSuchGroup(key, name);
  return group;
}

export function noSuchGroup(key: string, name: string): Refusal {
  return new Refusal(`NOGROUP No such consumer group '${printed(name)}' for key name '${printed(key)}'`);
}

/** A subcommand that exists, called as it cannot be. */
export function wrongSubcommand(name: string, args: readonly string[]): Refusal {
  const sub = printed(at(args, 1)).slice(0, 128);
  return new Refusal(
    `ERR unknown subcommand or wrong number of arguments for '${sub}'. Try ${name.toUpperCase()} HELP.`,
  );
}

function create({ database }: Session, args: readonly string[]): string {
  const { makeStream, entriesRead } = groupOptions(args, 'create');
  const key = at(args, 2);
  const name = at(args, 3);
  const known = streamAt(database, key);
  if (known === undefined && !makeStream) throw keyMustExist();
  const id = at(args, 4) === '$' ? (known?.lastId ?? leastId) : strictId(at(args, 4));
  const stream = streamMadeAt(database, key);
  if (known === undefined) database.changed(key);
  if (stream.groups.has(name)) throw new Refusal('BUSYGROUP Consumer Group name already exists');
  stream.groups.set(name, new StreamGroup(id, entriesRead));
  return ok;
}

function setId(session: Session, args: readonly string[]): string {
  const { entriesRead } = groupOptions(args, 'setid');
  const group = existingGroup(session, args);
  const stream = existingStream(session.database, at(args, 2));
  group.lastId = at(args, 4) === '$' ? stream.lastId : looseId(at(args, 4));
  group.entriesRead = entriesRead;
  return ok;
}

function destroy({ database, redis }: Session, args: readonly string[]): string {
  const key = at(args, 2);
  if (!existingStream(database, key).groups.delete(at(args, 3))) return integer(0);
  redis.blocking.markReady(database, key);
  return integer(1);
}

function createConsumer(session: Session, args: readonly string[]): string {
  const group = existingGroup(session, args);
  if (group.consumers.has(at(args, 4))) return integer(0);
  group.consumer(at(args, 4), session.now);
  return integer(1);
}

function removeConsumer(session: Session, args: readonly string[]): string {
  return integer(existingGroup(session, args).removeConsumer(at(args, 4)));
}

function acknowledge({ database }: Session, args: readonly string[]): string {
  const group = streamAt(database, at(args, 1))?.groups.get(at(args, 2));
  if (group === undefined) return integer(0);
  const ids = args.slice(3).map((text) => strictId(text));
  return integer(ids.filter((id) => group.acknowledge(id)).length);
}

function pendingGroup({ database }: Session, args: readonly string[]): StreamGroup {
  const group = streamAt(database, at(args, 1))?.groups.get(at(args, 2));
  if (group === undefined) {
    throw new Refusal(
      `NOGROUP No such key '${printed(at(args, 1))}' or consumer group '${printed(at(args, 2))}'`,
    );
  }
  return group;
}

function summary(session: Session, args: readonly string[]): string {
  const group = pendingGroup(session, args);
  const ids = [...group.pending.values()].map(({ id }) => id).sort(compareIds);
  const first = ids[0];
  const last = ids.at(-1);
  if (first === undefined || last === undefined) return array([integer(0), nil, nil, nilArray]);
  const consumers = [...group.consumers.values()]
    .filter(({ pending }) => pending.size > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return array([
    integer(ids.length),
    bulk(printId(first)),
    bulk(printId(last)),
    array(consumers.map(({ name, pending }) => array([bulk(name), bulk(String(pending.size))]))),
  ]);
}

interface PendingOptions {
  readonly idleMs: number;
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly consumer: string | undefined;
}

function pendingOptions(args: readonly string[]): PendingOptions {
  if (args.length < 6 || args.length > 9) throw syntaxError();
  const idle = is(args[3], 'idle');
  const idleMs = idle ? integerArgument(at(args, 4)) : 0;
  if (idle && args.length < 8) throw syntaxError();
  const first = idle ? 5 : 3;
  const count = Math.max(0, integerArgument(at(args, first + 2)));
  const start = intervalStart(at(args, first));
  const end = intervalEnd(at(args, first + 1));
  return { idleMs, start, end, count, consumer: args[first + 3] };
}

function list(session: Session, args: readonly string[]): string {
  const { idleMs, start, end, count, consumer: name } = pendingOptions(args);
  const group = pendingGroup(session, args);
  const { now } = session;
  const pending = name === undefined ? group.pending : group.consumers.get(name)?.pending;
  if (pending === undefined) return emptyArray;
  const found = [...pending.values()]
    .filter(({ id }) => compareIds(id, start) >= 0 && compareIds(id, end) <= 0)
    .filter(({ deliveredAt }) => now - deliveredAt >= idleMs)
    .sort((a, b) => compareIds(a.id, b.id))
    .slice(0, count);
  return array(
    found.map(({ id, consumer, deliveredAt, deliveries }) =>
      array([
        bulk(printId(id)),
        bulk(consumer.name),
        integer(Math.max(0, now - deliveredAt)),
        integer(deliveries),
      ]),
    ),
  );
}
