import { at, integerArgument, is } from '../arguments.ts';
import { type Command, command, container } from '../command.ts';
import { printed, Refusal, syntaxError, wrongArity } from '../refusal.ts';
import { array, arrayHead, bulk, bulkOrNil, emptyArray, integer, ok, status } from '../reply.ts';
import type { Session } from '../session.ts';
import { databaseCount, simulatedVersion } from '../version.ts';

export const connectionCommands: readonly Command[] = [
  { ...command('ping', -1, ping), whileSubscribed: true },
  command('echo', 2, (_, args) => bulk(at(args, 1))),
  { ...command('quit', -1, quit), endsQueue: true, whileSubscribed: true },
  { ...command('reset', 1, reset), endsQueue: true, whileSubscribed: true },
  command('select', 2, select),
  command('auth', -2, auth),
  command('hello', -1, hello),
  container('client', [
    ['id', 2, (session) => integer(session.id)],
    ['getname', 2, (session) => bulkOrNil(session.name === '' ? undefined : session.name)],
    ['setname', 3, setName],
    ['no-evict', 3, noEvict],
  ]),
];

function ping(session: Session, args: readonly string[]): string {
  if (args.length > 2) throw wrongArity('ping');
  if (session.subscribed) return arrayHead(2) + bulk('pong') + bulk(at(args, 1));
  return args.length === 1 ? status('PONG') : bulk(at(args, 1));
}

function quit(session: Session): string {
  session.endAfterReply();
  return ok;
}

function reset(session: Session): string {
  session.reset();
  return status('RESET');
}

function select(session: Session, args: readonly string[]): string {
  const index = integerArgument(at(args, 1));
  if (Math.abs(index) > 2 ** 31) throw new Refusal('ERR value is out of range');
  if (index < 0 || index >= databaseCount) throw new Refusal('ERR DB index is out of range');
  session.database = session.redis.database(index);
  return ok;
}

const wrongPassword = 'WRONGPASS invalid username-password pair or user is disabled.';

/** There is one user, `default`, and it needs no password. */
function auth(_: Session, args: readonly string[]): string {
  if (args.length > 3) throw syntaxError();
  if (args.length === 2) {
    throw new Refusal(
      'ERR AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?',
    );
  }
  if (at(args, 1) !== 'default') throw new Refusal(wrongPassword);
  return ok;
}

/** Unlike a real server of this version it speaks RESP2 only. */
function hello(session: Session, args: readonly string[]): string {
  if (args.length > 1) {
    const version = integerArgument(at(args, 1), 'ERR Protocol version is not an integer or out of range');
    if (version !== 2) throw new Refusal('NOPROTO unsupported protocol version');
  }
  for (let i = 2; i < args.length; i++) {
    const left = args.length - 1 - i;
    if (is(args[i], 'auth') && left >= 2) {
      if (at(args, i + 1) !== 'default') throw new Refusal(wrongPassword);
      i += 2;
    } else if (is(args[i], 'setname') && left >= 1) {
      session.name = clientName(at(args, i + 1));
      i += 1;
    } else {
      throw new Refusal(`ERR Syntax error in HELLO option '${printed(at(args, i))}'`);
    }
  }
  return array([
    bulk('server'),
    bulk('redis'),
    bulk('version'),
    bulk(simulatedVersion),
    bulk('proto'),
    integer(2),
    bulk('id'),
    integer(session.id),
    bulk('mode'),
    bulk('standalone'),
    bulk('role'),
    bulk('master'),
    bulk('modules'),
    emptyArray,
  ]);
}

function setName(session: Session, args: readonly string[]): string {
  session.name = clientName(at(args, 2));
  return ok;
}

function clientName(name: string): string {
  if (/[^!-~]/.test(name)) {
    throw new Refusal('ERR Client names cannot contain spaces, newlines or special characters.');
  }
  return name;
}

/** Nothing is ever evicted. */
function noEvict(_: Session, args: readonly string[]): string {
  if (!is(args[2], 'on') && !is(args[2], 'off')) throw syntaxError();
  return ok;
}
