import { at } from '../arguments.ts';
import { type Command, container } from '../command.ts';
import { Refusal } from '../refusal.ts';
import { array, bulk, integer, nil } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Stream } from '../stream.ts';
import type { StreamGroup } from '../stream-group.ts';
import { greatestId, leastId, printId } from '../stream-id.ts';
import { noSuchGroup, wrongSubcommand } from './stream-groups.ts';
import { entryReply, streamAt } from './streams.ts';

export const streamInformationCommands: readonly Command[] = [
  container('xinfo', [
    ['stream', -3, stream],
    ['groups', 3, groups],
    ['consumers', 4, consumers],
  ]),
];

function existing({ database }: Session, args: readonly string[]): Stream {
  const found = streamAt(database, at(args, 2));
  if (found === undefined) throw new Refusal('ERR no such key');
  return found;
}

/** The short form; FULL is not simulated. Redis's trees are not there to be counted: one block is one node. */
function stream(session: Session, args: readonly string[]): string {
  const found = existing(session, args);
  if (args.length > 3) throw wrongSubcommand('xinfo', args);
  const [first] = found.range(leastId, greatestId, 1);
  const [last] = found.reverseRange(leastId, greatestId, 1);
  return map([
    ['length', integer(found.length)],
    ['radix-tree-keys', integer(found.nodeCount)],
    ['radix-tree-nodes', integer(found.nodeCount + 1)],
    ['last-generated-id', bulk(printId(found.lastId))],
    ['max-deleted-entry-id', bulk(printId(found.greatestDeletedId))],
    ['entries-added', integer(found.entriesAdded)],
    ['recorded-first-entry-id', bulk(printId(found.firstId))],
    ['groups', integer(found.groups.size)],
    ['first-entry', first === undefined ? nil : entryReply(first)],
    ['last-entry', last === undefined ? nil : entryReply(last)],
  ]);
}

function groups(session: Session, args: readonly string[]): string {
  const found = existing(session, args);
  return array(
    byName(found.groups).map(([name, group]) =>
      map([
        ['name', bulk(name)],
        ['consumers', integer(group.consumers.size)],
        ['pending', integer(group.pending.size)],
        ['last-delivered-id', bulk(printId(group.lastId))],
        ['entries-read', group.entriesRead === null ? nil : integer(group.entriesRead)],
        ['lag', lagOf(found, group)],
      ]),
    ),
  );
}

function lagOf(found: Stream, group: StreamGroup): string {
  const read =
    group.entriesRead !== null && !found.hasGapsFrom(group.lastId)
      ? group.entriesRead
      : found.addedUpTo(group.lastId);
  if (found.entriesAdded === 0) return integer(0);
  return read === null ? nil : integer(found.entriesAdded - read);
}

function consumers(session: Session, args: readonly string[]): string {
  const group = existing(session, args).groups.get(at(args, 3));
  if (group === undefined) throw noSuchGroup(at(args, 2), at(args, 3));
  return array(
    byName(group.consumers).map(([name, consumer]) =>
      map([
        ['name', bulk(name)],
        ['pending', integer(consumer.pending.size)],
        ['idle', integer(Math.max(0, session.now - consumer.seenAt))],
      ]),
    ),
  );
}

function byName<T>(named: ReadonlyMap<string, T>): [name: string, value: T][] {
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1));
}

function map(entries: readonly (readonly [name: string, reply: string])[]): string {
  return array(entries.flatMap(([name, reply]) => [bulk(name), reply]));
}
