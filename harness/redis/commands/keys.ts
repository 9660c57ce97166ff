import { at, integerArgument, is } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import { globOf } from '../glob.ts';
import { printed, Refusal, syntaxError } from '../refusal.ts';
import { arrayHead, bulk, bulks, integer, nil, ok, status } from '../reply.ts';
import type { Session } from '../session.ts';

export const keyCommands: readonly Command[] = [
  command('del', -2, remove),
  command('unlink', -2, remove),
  command('exists', -2, exists),
  command('touch', -2, exists),
  command('expire', -3, (session, args) => expire(session, args, 'expire', 1000, session.now)),
  command('pexpire', -3, (session, args) => expire(session, args, 'pexpire', 1, session.now)),
  command('expireat', -3, (session, args) => expire(session, args, 'expireat', 1000, 0)),
  command('pexpireat', -3, (session, args) => expire(session, args, 'pexpireat', 1, 0)),
  command('ttl', 2, (session, args) => integer(timeLeft(session, args, session.now, seconds))),
  command('pttl', 2, (session, args) => integer(timeLeft(session, args, session.now, milliseconds))),
  command('expiretime', 2, (session, args) => integer(timeLeft(session, args, 0, seconds))),
  command('pexpiretime', 2, (session, args) => integer(timeLeft(session, args, 0, milliseconds))),
  command('persist', 2, persist),
  command('type', 2, type),
  command('keys', 2, keys),
  command('scan', -2, scan),
  command('rename', 3, replace),
  command('renamenx', 3, (session, args) => integer(rename(session, args, true) ? 1 : 0)),
  command('randomkey', 1, firstKey),
];

function remove({ database }: Session, args: readonly string[]): string {
  let removed = 0;
  for (let i = 1; i < args.length; i++) {
    const key = at(args, i);
    if (database.get(key) === undefined) continue;
    database.remove(key);
    database.changed(key);
    removed += 1;
  }
  return integer(removed);
}

function exists({ database }: Session, args: readonly string[]): string {
  let found = 0;
  for (let i = 1; i < args.length; i++) if (database.get(at(args, i)) !== undefined) found += 1;
  return integer(found);
}

/** `unit` in milliseconds; `base`: what the time is counted from, in ms since the epoch. */
function expire(
  { database, now }: Session,
  args: readonly string[],
  name: string,
  unit: number,
  base: number,
): string {
  const key = at(args, 1);
  const condition = expireCondition(args);
  const expiresAt = integerArgument(at(args, 2)) * unit + base;
  if (expiresAt > integerLimit || expiresAt - base < -integerLimit) {
    throw new Refusal(`ERR invalid expire time in '${name}' command`);
  }
  if (database.get(key) === undefined) return integer(0);
  if (!condition(expiresAt, database.expiry(key))) return integer(0);
  if (expiresAt <= now) database.remove(key);
  else database.setExpiry(key, expiresAt);
  database.changed(key);
  return integer(1);
}

const integerLimit = 2 ** 63;

type Condition = (at: number, current: number | null) => boolean;

const conditions: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  ['nx', (_, current) => current === null],
  ['xx', (_, current) => current !== null],
  ['gt', (at, current) => current !== null && at > current],
  ['lt', (at, current) => current === null || at < current],
]);

function expireCondition(args: readonly string[]): Condition {
  if (args.length === 3) return () => true;
  const options = args.slice(3).map((option) => option.toLowerCase());
  for (const [index, option] of options.entries()) {
    if (!conditions.has(option)) throw new Refusal(`ERR Unsupported option ${printed(at(args, index + 3))}`);
  }
  if (options.includes('nx') && options.some((option) => option !== 'nx')) {
    throw new Refusal('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (options.includes('gt') && options.includes('lt')) {
    throw new Refusal('ERR GT and LT options at the same time are not compatible');
  }
  return (at, current) => options.every((option) => conditions.get(option)?.(at, current));
}

function timeLeft(
  { database }: Session,
  args: readonly string[],
  from: number,
  print: (ms: number) => number,
): number {
  const key = at(args, 1);
  if (database.get(key) === undefined) return -2;
  const expiry = database.expiry(key);
  return expiry === null ? -1 : print(Math.max(0, expiry - from));
}

function seconds(ms: number): number {
  return Math.floor((ms + 500) / 1000);
}

function milliseconds(ms: number): number {
  return ms;
}

function persist({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  if (database.get(key) === undefined || !database.clearExpiry(key)) return integer(0);
  database.changed(key);
  return integer(1);
}

function type({ database }: Session, args: readonly string[]): string {
  return status(database.get(at(args, 1))?.type ?? 'none');
}

function keys({ database }: Session, args: readonly string[]): string {
  const matches = globOf(at(args, 1));
  return bulks(database.keys().filter(matches));
}

interface ScanOptions {
  readonly count: number;
  readonly matches: (key: string) => boolean;
  readonly type: string | null;
}

/** The cursor is the place of the last key that was looked at, in the order in which keys were made. */
function scan({ database }: Session, args: readonly string[]): string {
  const cursor = scanCursor(at(args, 1));
  const { count, matches, type: wanted } = scanOptions(args);
  const { keys: visited, place } = database.keysAfter(cursor, count);
  const found = visited.filter((key) => {
    if (!matches(key)) return false;
    const value = database.get(key);
    return value !== undefined && (wanted === null || value.type === wanted);
  });
  return arrayHead(2) + bulk(String(place)) + bulks(found);
}

function scanCursor(text: string): number {
  if (!/^([+-]?\d+)?$/.test(text) || Math.abs(Number(text)) >= 2 ** 64)
    throw new Refusal('ERR invalid cursor');
  return Math.max(0, Number(text));
}

function scanOptions(args: readonly string[]): ScanOptions {
  let count = 10;
  let matches: ScanOptions['matches'] = () => true;
  let wanted: string | null = null;
  for (let i = 2; i < args.length; i += 2) {
    const option = args[i];
    if (i + 1 === args.length) throw syntaxError();
    const value = at(args, i + 1);
    if (is(option, 'count')) {
      count = integerArgument(value);
      if (count < 1) throw syntaxError();
    } else if (is(option, 'match')) {
      matches = globOf(value);
    } else if (is(option, 'type')) {
      wanted = value.toLowerCase();
    } else {
      throw syntaxError();
    }
  }
  return { count, matches, type: wanted };
}

function replace(session: Session, args: readonly string[]): string {
  rename(session, args, false);
  return ok;
}

/** Whether the key was renamed; throws a Refusal where there is none. */
function rename({ database }: Session, args: readonly string[], onlyNew: boolean): boolean {
  const from = at(args, 1);
  const to = at(args, 2);
  const value = database.get(from);
  if (value === undefined) throw new Refusal('ERR no such key');
  if (from === to) return false;
  const expiry = database.expiry(from);
  if (database.get(to) !== undefined) {
    if (onlyNew) return false;
    database.remove(to);
  }
  database.put(to, value);
  if (expiry !== null) database.setExpiry(to, expiry);
  database.remove(from);
  database.changed(from);
  database.changed(to);
  return true;
}

/** Any key will do: the oldest. */
function firstKey({ database }: Session): string {
  const [key] = database.keys();
  return key === undefined ? nil : bulk(key);
}
