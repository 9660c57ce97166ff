import { addExactly, at, exactIntegerArgument, parseExactInteger } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import type { Database } from '../database.ts';
import { zero } from '../long-double.ts';
import { Refusal, wrongArity } from '../refusal.ts';
import { array, bulk, bulkOrNil, bulks, integer, ok } from '../reply.ts';
import type { Session } from '../session.ts';
import { addFloats, floatArgument } from './strings.ts';

export const hashCommands: readonly Command[] = [
  command('hset', -4, (session, args) => integer(setFields(session, args, 'hset'))),
  command('hmset', -4, setAllFields),
  command('hsetnx', 4, setIfNew),
  command('hget', 3, (session, args) => bulkOrNil(field(session, args))),
  command('hmget', -3, getMany),
  command('hgetall', 2, (session, args) => bulks([...fieldsAt(session, args)].flat())),
  command('hdel', -3, remove),
  command('hexists', 3, (session, args) => integer(field(session, args) === undefined ? 0 : 1)),
  command('hlen', 2, (session, args) => integer(fieldsAt(session, args).size)),
  command('hstrlen', 3, (session, args) => integer(field(session, args)?.length ?? 0)),
  command('hkeys', 2, (session, args) => bulks(fieldsAt(session, args).keys())),
  command('hvals', 2, (session, args) => bulks(fieldsAt(session, args).values())),
  command('hincrby', 4, increase),
  command('hincrbyfloat', 4, increaseByFloat),
];

const noFields: ReadonlyMap<string, string> = new Map();

function fieldsAt({ database }: Session, args: readonly string[]): ReadonlyMap<string, string> {
  return database.typed(at(args, 1), 'hash')?.fields ?? noFields;
}

function field(session: Session, args: readonly string[]): string | undefined {
  return fieldsAt(session, args).get(at(args, 2));
}

/** The hash under a key, made at need. */
function hashAt(database: Database, key: string): Map<string, string> {
  const hash = database.typed(key, 'hash');
  if (hash !== undefined) return hash.fields;
  const fields = new Map<string, string>();
  database.put(key, { type: 'hash', fields });
  return fields;
}

/** How many fields are new. */
function setFields({ database }: Session, args: readonly string[], name: string): number {
  if (args.length % 2 === 1) throw wrongArity(name);
  const key = at(args, 1);
  const fields = hashAt(database, key);
  const before = fields.size;
  for (let i = 2; i < args.length; i += 2) fields.set(at(args, i), at(args, i + 1));
  database.changed(key);
  return fields.size - before;
}

/** HSET of older days. */
function setAllFields(session: Session, args: readonly string[]): string {
  setFields(session, args, 'hmset');
  return ok;
}

function setIfNew({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const fields = hashAt(database, key);
  if (fields.has(at(args, 2))) return integer(0);
  fields.set(at(args, 2), at(args, 3));
  database.changed(key);
  return integer(1);
}

function getMany(session: Session, args: readonly string[]): string {
  const fields = fieldsAt(session, args);
  return array(args.slice(2).map((name) => bulkOrNil(fields.get(name))));
}

function remove({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const hash = database.typed(key, 'hash');
  if (hash === undefined) return integer(0);
  let removed = 0;
  for (let i = 2; i < args.length; i++) if (hash.fields.delete(at(args, i))) removed += 1;
  if (hash.fields.size === 0) database.remove(key);
  if (removed > 0) database.changed(key);
  return integer(removed);
}

function increase({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const by = exactIntegerArgument(at(args, 3));
  const text = database.typed(key, 'hash')?.fields.get(at(args, 2));
  const value = text === undefined ? 0n : parseExactInteger(text);
  if (value === null) throw new Refusal('ERR hash value is not an integer');
  const sum = addExactly(value, by);
  hashAt(database, key).set(at(args, 2), String(sum));
  database.changed(key);
  return integer(sum);
}

function increaseByFloat({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const by = floatArgument(at(args, 3), 'ERR value is not a valid float');
  if (by === 'infinite') throw new Refusal('ERR value is NaN or Infinity');
  const text = database.typed(key, 'hash')?.fields.get(at(args, 2));
  const sum = addFloats(text === undefined ? zero : floatArgument(text, 'ERR hash value is not a float'), by);
  hashAt(database, key).set(at(args, 2), sum);
  database.changed(key);
  return bulk(sum);
}
