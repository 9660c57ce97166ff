import { type Command, command } from '../command.ts';
import { Refusal } from '../refusal.ts';
import { ok } from '../reply.ts';
import type { Session } from '../session.ts';

export const transactionCommands: readonly Command[] = [
  { ...command('multi', 1, (session) => session.multi()), endsQueue: true },
  { ...command('exec', 1, (session) => session.exec()), endsQueue: true },
  { ...command('discard', 1, discard), endsQueue: true },
  { ...command('watch', -2, watch), endsQueue: true },
  command('unwatch', 1, unwatch),
];

function discard(session: Session): string {
  if (!session.inTransaction) throw new Refusal('ERR DISCARD without MULTI');
  session.discard();
  return ok;
}

function watch(session: Session, args: readonly string[]): string {
  if (session.inTransaction) throw new Refusal('ERR WATCH inside MULTI is not allowed');
  session.watch(args.slice(1));
  return ok;
}

function unwatch(session: Session): string {
  session.forgetWatches();
  return ok;
}
