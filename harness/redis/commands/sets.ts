import { at } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import { array, bulks, integer } from '../reply.ts';
import type { Session } from '../session.ts';

export const setCommands: readonly Command[] = [
  command('sadd', -3, add),
  command('srem', -3, remove),
  command('smembers', 2, (session, args) => bulks(membersAt(session, args))),
  command('sismember', 3, (session, args) => integer(membersAt(session, args).has(at(args, 2)) ? 1 : 0)),
  command('smismember', -3, areMembers),
  command('scard', 2, (session, args) => integer(membersAt(session, args).size)),
];

const noMembers: ReadonlySet<string> = new Set();

function membersAt({ database }: Session, args: readonly string[]): ReadonlySet<string> {
  return database.typed(at(args, 1), 'set')?.members ?? noMembers;
}

function add({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  let members = database.typed(key, 'set')?.members;
  if (members === undefined) {
    members = new Set();
    database.put(key, { type: 'set', members });
  }
  const before = members.size;
  for (let i = 2; i < args.length; i++) members.add(at(args, i));
  const added = members.size - before;
  if (added > 0) database.changed(key);
  return integer(added);
}

function remove({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const members = database.typed(key, 'set')?.members;
  if (members === undefined) return integer(0);
  let removed = 0;
  for (let i = 2; i < args.length; i++) if (members.delete(at(args, i))) removed += 1;
  if (members.size === 0) database.remove(key);
  if (removed > 0) database.changed(key);
  return integer(removed);
}

function areMembers(session: Session, args: readonly string[]): string {
  const members = membersAt(session, args);
  return array(args.slice(2).map((member) => integer(members.has(member) ? 1 : 0)));
}
