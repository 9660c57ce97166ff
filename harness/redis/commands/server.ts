import { at, integerArgument, is, waitUntil } from '../arguments.ts';
import { type Command, command, container } from '../command.ts';
import { globOf } from '../glob.ts';
import { syntaxError } from '../refusal.ts';
import { array, bulk, bulks, emptyArray, integer, ok } from '../reply.ts';
import type { SimulatedRedis } from '../server.ts';
import type { Session } from '../session.ts';
import { databaseCount, simulatedVersion } from '../version.ts';

export const serverCommands: readonly Command[] = [
  command('info', -1, info),
  container('config', [
    ['get', -3, configGet],
    ['resetstat', 2, () => ok],
  ]),
  {
    ...container('command', [
      ['count', 2, (session) => integer(session.redis.commandCount)],
      ['docs', -2, () => emptyArray],
    ]),
    arity: -1,
    run: () => emptyArray,
  },
  command('time', 1, time),
  command('wait', 3, wait),
  command('dbsize', 1, (session) => integer(session.database.size)),
  command('flushdb', -1, flushDatabase),
  command('flushall', -1, flushAll),
];

/** What clients ask a server of themselves: the sections that say what it is and whether it is ready. */
function info(session: Session, args: readonly string[]): string {
  const wanted = args.slice(1).map((name) => name.toLowerCase());
  const all = wanted.length === 0 || wanted.some((name) => ['all', 'default', 'everything'].includes(name));
  const sections = Object.entries(infoSections(session.redis)).filter(
    ([name]) => all || wanted.includes(name.toLowerCase()),
  );
  const text = sections.map(([name, lines]) => [`# ${name}`, ...lines, ''].join('\r\n'));
  return bulk(text.join('\r\n'));
}

function infoSections(redis: SimulatedRedis): Record<string, string[]> {
  const keyspace = redis
    .databases()
    .filter(({ size }) => size > 0)
    .map(({ index, size, expiring }) => `db${index}:keys=${size},expires=${expiring},avg_ttl=0`);
  return {
    Server: [`redis_version:${simulatedVersion}`, 'redis_mode:standalone', 'arch_bits:64'],
    Persistence: ['loading:0', 'async_loading:0'],
    Replication: ['role:master', 'connected_slaves:0'],
    Keyspace: keyspace,
  };
}

const settings: readonly (readonly [name: string, value: string])[] = [
  ['appendonly', 'no'],
  ['databases', String(databaseCount)],
  ['maxmemory', '0'],
  ['maxmemory-policy', 'noeviction'],
  ['notify-keyspace-events', ''],
  ['proto-max-bulk-len', '536870912'],
  ['save', ''],
  ['stream-node-max-bytes', '4096'],
  ['stream-node-max-entries', '100'],
  ['timeout', '0'],
];

function configGet(_: Session, args: readonly string[]): string {
  const wanted = args.slice(2).map((pattern) => globOf(pattern.toLowerCase()));
  return bulks(settings.filter(([name]) => wanted.some((matches) => matches(name))).flat());
}

function time(session: Session): string {
  const { now } = session;
  return array([bulk(String(Math.floor(now / 1000))), bulk(String((now % 1000) * 1000))]);
}

/** There are no replicas: nobody ever acknowledges. */
function wait(session: Session, args: readonly string[]): string {
  const wanted = integerArgument(at(args, 1));
  const until = waitUntil(at(args, 2), 'milliseconds', session.now);
  if (wanted <= 0 || session.inTransaction) return integer(0);
  return session.wait({ kind: 'replicas', keys: [], until, timedOut: integer(0), serve: () => null });
}

function flushDatabase(session: Session, args: readonly string[]): string {
  checkFlush(args);
  session.database.clear();
  return ok;
}

function flushAll(session: Session, args: readonly string[]): string {
  checkFlush(args);
  for (const database of session.redis.databases()) database.clear();
  return ok;
}

function checkFlush(args: readonly string[]): void {
  const how = args[1];
  if (args.length > 2 || (how !== undefined && !is(how, 'sync') && !is(how, 'async'))) throw syntaxError();
}
