import { at, integerArgument, waitUntil } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import type { Database } from '../database.ts';
import { Refusal, wrongArity } from '../refusal.ts';
import { bulk, bulkOrNil, bulks, emptyArray, integer, nil, nilArray, ok } from '../reply.ts';
import type { Session } from '../session.ts';

type End = 'left' | 'right';

export const listCommands: readonly Command[] = [
  command('lpush', -3, (session, args) => push(session, args, 'left', false)),
  command('rpush', -3, (session, args) => push(session, args, 'right', false)),
  command('lpushx', -3, (session, args) => push(session, args, 'left', true)),
  command('rpushx', -3, (session, args) => push(session, args, 'right', true)),
  command('lpop', -2, (session, args) => pop(session, args, 'left')),
  command('rpop', -2, (session, args) => pop(session, args, 'right')),
  command('lrange', 4, range),
  command('lindex', 3, item),
  command('llen', 2, ({ database }, args) => integer(database.typed(at(args, 1), 'list')?.items.length ?? 0)),
  command('ltrim', 4, trim),
  command('blpop', -3, (session, args) => popOrWait(session, args, 'left')),
  command('brpop', -3, (session, args) => popOrWait(session, args, 'right')),
];

function push({ database }: Session, args: readonly string[], end: End, onlyExisting: boolean): string {
  const key = at(args, 1);
  let items = database.typed(key, 'list')?.items;
  if (items === undefined) {
    if (onlyExisting) return integer(0);
    items = [];
    database.put(key, { type: 'list', items });
  }
  for (let i = 2; i < args.length; i++) {
    if (end === 'left') items.unshift(at(args, i));
    else items.push(at(args, i));
  }
  database.changed(key);
  return integer(items.length);
}

function pop({ database }: Session, args: readonly string[], end: End): string {
  if (args.length > 3) throw wrongArity(end === 'left' ? 'lpop' : 'rpop');
  const key = at(args, 1);
  const counted = args.length === 3;
  const count = counted ? positiveArgument(at(args, 2)) : 1;
  const items = database.typed(key, 'list')?.items;
  if (items === undefined) return counted ? nilArray : nil;
  if (count === 0) return emptyArray;
  const taken = end === 'left' ? items.splice(0, count) : items.splice(-count, count).reverse();
  removeIfEmpty(database, key, items);
  database.changed(key);
  return counted ? bulks(taken) : bulkOrNil(taken[0]);
}

function positiveArgument(text: string): number {
  const message = 'ERR value is out of range, must be positive';
  const value = integerArgument(text, message);
  if (value < 0) throw new Refusal(message);
  return value;
}

function popOrWait(session: Session, args: readonly string[], end: End): string {
  const { database } = session;
  const until = waitUntil(at(args, args.length - 1), 'seconds', session.now);
  const keys = args.slice(1, -1);
  for (const key of keys) {
    const items = database.typed(key, 'list')?.items;
    if (items === undefined) continue;
    const reply = popOne(database, key, items, end);
    database.changed(key);
    return reply;
  }
  return session.wait({
    kind: 'list',
    keys,
    until,
    timedOut: nilArray,
    serve: (key, value) => (value?.type === 'list' ? popOne(database, key, value.items, end) : null),
  });
}

function popOne(database: Database, key: string, items: string[], end: End): string {
  const taken = (end === 'left' ? items.shift() : items.pop()) ?? '';
  removeIfEmpty(database, key, items);
  return bulks([key, taken]);
}

function removeIfEmpty(database: Database, key: string, items: readonly string[]): void {
  if (items.length === 0) database.remove(key);
}

function range({ database }: Session, args: readonly string[]): string {
  const start = integerArgument(at(args, 2));
  const end = integerArgument(at(args, 3));
  const items = database.typed(at(args, 1), 'list')?.items;
  if (items === undefined) return emptyArray;
  return bulks(items.slice(...clip(start, end, items.length)));
}

function item({ database }: Session, args: readonly string[]): string {
  const items = database.typed(at(args, 1), 'list')?.items;
  if (items === undefined) return nil;
  const found = items.at(integerArgument(at(args, 2)));
  return found === undefined ? nil : bulk(found);
}

function trim({ database }: Session, args: readonly string[]): string {
  const start = integerArgument(at(args, 2));
  const end = integerArgument(at(args, 3));
  const key = at(args, 1);
  const items = database.typed(key, 'list')?.items;
  if (items === undefined) return ok;
  const [from, to] = clip(start, end, items.length);
  items.splice(to);
  items.splice(0, from);
  removeIfEmpty(database, key, items);
  database.changed(key);
  return ok;
}

/** Redis's indexes (from the end where negative, both included) as those of `slice`. */
function clip(start: number, end: number, length: number): [from: number, to: number] {
  const from = start < 0 ? Math.max(0, length + start) : start;
  const to = (end < 0 ? length + end : Math.min(end, length - 1)) + 1;
  return from >= to ? [0, 0] : [from, to];
}
