import { addExactly, at, exactIntegerArgument, integerArgument, parseExactInteger } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import type { Database } from '../database.ts';
import { add, type LongDouble, parseLongDouble, printLongDouble, zero } from '../long-double.ts';
import { Refusal, syntaxError, wrongArity } from '../refusal.ts';
import { array, bulk, bulkOrNil, integer, nil, ok } from '../reply.ts';
import type { Session } from '../session.ts';

export const stringCommands: readonly Command[] = [
  command('get', 2, (session, args) => bulkOrNil(textAt(session.database, at(args, 1)))),
  command('set', -3, set),
  command('setnx', 3, (session, args) => integer(setIfNew(session, at(args, 1), at(args, 2)))),
  command('setex', 4, (session, args) => setExpiring(session, args, 'setex', 1000)),
  command('psetex', 4, (session, args) => setExpiring(session, args, 'psetex', 1)),
  command('getset', 3, getSet),
  command('getdel', 2, getDelete),
  command('getex', -2, getExpiring),
  command('mget', -2, getMany),
  command('mset', -3, setMany),
  command('msetnx', -3, setManyIfNew),
  command('append', 3, append),
  command('strlen', 2, (session, args) => integer(textAt(session.database, at(args, 1))?.length ?? 0)),
  command('getrange', 4, getRange),
  command('incr', 2, (session, args) => increase(session, at(args, 1), 1n)),
  command('decr', 2, (session, args) => increase(session, at(args, 1), -1n)),
  command('incrby', 3, (session, args) => increase(session, at(args, 1), exactIntegerArgument(at(args, 2)))),
  command('decrby', 3, decreaseBy),
  command('incrbyfloat', 3, increaseByFloat),
];

function textAt(database: Database, key: string): string | undefined {
  return database.typed(key, 'string')?.bytes;
}

/** Whatever lay there, and its expiry, is gone. */
function store(database: Database, key: string, bytes: string): void {
  database.get(key);
  database.put(key, { type: 'string', bytes });
  database.clearExpiry(key);
  database.changed(key);
}

/** As it was but for the text: the expiry stays. */
function update(database: Database, key: string, bytes: string): void {
  database.put(key, { type: 'string', bytes });
  database.changed(key);
}

interface StringOptions {
  condition: 'nx' | 'xx' | null;
  get: boolean;
  keepExpiry: boolean;
  persist: boolean;
  expiry: { readonly unit: Unit; readonly text: string } | null;
}

/** `base`: whether it counts from now or from the epoch. */
interface Unit {
  readonly name: string;
  readonly ms: number;
  readonly base: 'now' | 'epoch';
}

const units: ReadonlyMap<string, Unit> = new Map(
  (
    [
      { name: 'ex', ms: 1000, base: 'now' },
      { name: 'px', ms: 1, base: 'now' },
      { name: 'exat', ms: 1000, base: 'epoch' },
      { name: 'pxat', ms: 1, base: 'epoch' },
    ] as const
  ).map((unit) => [unit.name, unit]),
);

/** The options of SET and GETEX. Throws a Refusal where they do not go together. */
function stringOptions(args: readonly string[], of: 'set' | 'getex'): StringOptions {
  const options: StringOptions = {
    condition: null,
    get: false,
    keepExpiry: false,
    persist: false,
    expiry: null,
  };
  for (let i = of === 'set' ? 3 : 2; i < args.length; i++) {
    const option = at(args, i).toLowerCase();
    const unit = units.get(option);
    if (unit !== undefined && i + 1 < args.length) {
      const another = options.expiry !== null && options.expiry.unit !== unit;
      if (another || options.keepExpiry || options.persist) throw syntaxError();
      i += 1;
      options.expiry = { unit, text: at(args, i) };
    } else if (of === 'set') {
      takeSetOption(options, option);
    } else if (option === 'persist' && options.expiry === null) {
      options.persist = true;
    } else {
      throw syntaxError();
    }
  }
  return options;
}

function takeSetOption(options: StringOptions, option: string): void {
  if ((option === 'nx' && options.condition !== 'xx') || (option === 'xx' && options.condition !== 'nx')) {
    options.condition = option;
  } else if (option === 'get') {
    options.get = true;
  } else if (option === 'keepttl' && options.expiry === null) {
    options.keepExpiry = true;
  } else {
    throw syntaxError();
  }
}

/** In ms since the epoch. Throws a Refusal for a time that is not positive or too far. */
function expiryTime(text: string, unit: Unit, command: string, now: number): number {
  const time = integerArgument(text);
  const at = time * unit.ms + (unit.base === 'now' ? now : 0);
  if (time <= 0 || at >= 2 ** 63) throw new Refusal(`ERR invalid expire time in '${command}' command`);
  return at;
}

function set({ database, now }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const bytes = at(args, 2);
  if (args.length === 3) {
    store(database, key, bytes);
    return ok;
  }
  const options = stringOptions(args, 'set');
  const { expiry } = options;
  const expiresAt = expiry === null ? null : expiryTime(expiry.text, expiry.unit, 'set', now);
  const before = options.get ? bulkOrNil(textAt(database, key)) : null;
  const exists = database.get(key) !== undefined;
  if (options.condition === (exists ? 'nx' : 'xx')) return before ?? nil;
  if (options.keepExpiry) update(database, key, bytes);
  else store(database, key, bytes);
  if (expiresAt !== null) database.setExpiry(key, expiresAt);
  return before ?? ok;
}

function setIfNew({ database }: Session, key: string, bytes: string): number {
  if (database.get(key) !== undefined) return 0;
  store(database, key, bytes);
  return 1;
}

function setExpiring({ database, now }: Session, args: readonly string[], name: string, ms: number): string {
  const key = at(args, 1);
  const expiresAt = expiryTime(at(args, 2), { name, ms, base: 'now' }, name, now);
  store(database, key, at(args, 3));
  database.setExpiry(key, expiresAt);
  return ok;
}

function getSet({ database }: Session, args: readonly string[]): string {
  const before = bulkOrNil(textAt(database, at(args, 1)));
  store(database, at(args, 1), at(args, 2));
  return before;
}

function getDelete({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const text = textAt(database, key);
  if (text === undefined) return nil;
  database.remove(key);
  database.changed(key);
  return bulk(text);
}

function getExpiring({ database, now }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const { expiry, persist } = stringOptions(args, 'getex');
  const text = textAt(database, key);
  if (text === undefined) return nil;
  if (expiry !== null) {
    const expiresAt = expiryTime(expiry.text, expiry.unit, 'getex', now);
    if (expiresAt <= now) database.remove(key);
    else database.setExpiry(key, expiresAt);
    database.changed(key);
  } else if (persist && database.clearExpiry(key)) {
    database.changed(key);
  }
  return bulk(text);
}

function getMany({ database }: Session, args: readonly string[]): string {
  return array(
    args.slice(1).map((key) => {
      const value = database.get(key);
      return value?.type === 'string' ? bulk(value.bytes) : nil;
    }),
  );
}

function setMany({ database }: Session, args: readonly string[]): string {
  if (args.length % 2 === 0) throw wrongArity('mset');
  for (let i = 1; i < args.length; i += 2) store(database, at(args, i), at(args, i + 1));
  return ok;
}

function setManyIfNew({ database }: Session, args: readonly string[]): string {
  if (args.length % 2 === 0) throw wrongArity('msetnx');
  for (let i = 1; i < args.length; i += 2) if (database.get(at(args, i)) !== undefined) return integer(0);
  for (let i = 1; i < args.length; i += 2) store(database, at(args, i), at(args, i + 1));
  return integer(1);
}

function append({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const text = (textAt(database, key) ?? '') + at(args, 2);
  update(database, key, text);
  return integer(text.length);
}

function getRange({ database }: Session, args: readonly string[]): string {
  let start = integerArgument(at(args, 2));
  let end = integerArgument(at(args, 3));
  const text = textAt(database, at(args, 1)) ?? '';
  if (start < 0 && end < 0 && start > end) return bulk('');
  if (start < 0) start = Math.max(0, text.length + start);
  if (end < 0) end = Math.max(0, text.length + end);
  return bulk(text.slice(start, end + 1));
}

function increase({ database }: Session, key: string, by: bigint): string {
  const text = textAt(database, key);
  const value = text === undefined ? 0n : parseExactInteger(text);
  if (value === null) throw new Refusal('ERR value is not an integer or out of range');
  const sum = addExactly(value, by);
  update(database, key, String(sum));
  return integer(sum);
}

function decreaseBy(session: Session, args: readonly string[]): string {
  const by = exactIntegerArgument(at(args, 2));
  if (by === -(2n ** 63n)) throw new Refusal('ERR decrement would overflow');
  return increase(session, at(args, 1), -by);
}

function increaseByFloat({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const text = textAt(database, key);
  const sum = addFloats(
    text === undefined ? zero : floatArgument(text, 'ERR value is not a valid float'),
    floatArgument(at(args, 2), 'ERR value is not a valid float'),
  );
  update(database, key, sum);
  return bulk(sum);
}

/** Throws a Refusal with `message` where the text is no number. */
export function floatArgument(text: string, message: string): LongDouble | 'infinite' {
  const value = parseLongDouble(text);
  if (value === null) throw new Refusal(message);
  return value;
}

export function addFloats(a: LongDouble | 'infinite', b: LongDouble | 'infinite'): string {
  if (a === 'infinite' || b === 'infinite') {
    throw new Refusal('ERR increment would produce NaN or Infinity');
  }
  return printLongDouble(add(a, b));
}
