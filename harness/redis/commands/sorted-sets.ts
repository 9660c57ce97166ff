import { at, doubleArgument, integerArgument, is } from '../arguments.ts';
import { type Command, command } from '../command.ts';
import { parseDouble, printDouble } from '../double.ts';
import { Refusal, syntaxError } from '../refusal.ts';
import { bulk, bulks, emptyArray, integer, nil } from '../reply.ts';
import type { Session } from '../session.ts';
import { inOrder } from '../value.ts';

export const sortedSetCommands: readonly Command[] = [
  command('zadd', -4, add),
  command('zscore', 3, score),
  command('zrange', -4, range),
  command('zcard', 2, (session, args) => integer(scoresAt(session, args).size)),
  command('zrem', -3, remove),
];

const noScores: ReadonlyMap<string, number> = new Map();

function scoresAt({ database }: Session, args: readonly string[]): ReadonlyMap<string, number> {
  return database.typed(at(args, 1), 'zset')?.scores ?? noScores;
}

const addOptions = ['nx', 'xx', 'gt', 'lt', 'ch', 'incr'];

function add({ database }: Session, args: readonly string[]): string {
  const options = new Set<string>();
  let first = 2;
  for (; first < args.length && addOptions.includes(at(args, first).toLowerCase()); first++) {
    options.add(at(args, first).toLowerCase());
  }
  const pairs = (args.length - first) / 2;
  checkAdd(options, pairs);
  const scores = Array.from({ length: pairs }, (_, pair) => doubleArgument(at(args, first + 2 * pair)));
  const key = at(args, 1);
  let members = database.typed(key, 'zset')?.scores;
  const increases = options.has('incr');
  if (members === undefined) {
    if (options.has('xx')) return increases ? nil : integer(0);
    members = new Map();
    database.put(key, { type: 'zset', scores: members });
  }
  let added = 0;
  let updated = 0;
  let last: number | null = null;
  for (const [pair, given] of scores.entries()) {
    const member = at(args, first + 2 * pair + 1);
    const old = members.get(member);
    const next = increases && old !== undefined ? old + given : given;
    if (Number.isNaN(next)) throw new Refusal('ERR resulting score is not a number (NaN)');
    if (!mayAdd(options, old, next)) continue;
    last = next;
    if (old === next) continue;
    members.set(member, next);
    if (old === undefined) added += 1;
    else updated += 1;
  }
  if (added + updated > 0) database.changed(key);
  if (members.size === 0) database.remove(key);
  if (increases) return last === null ? nil : bulk(printDouble(last));
  return integer(options.has('ch') ? added + updated : added);
}

function checkAdd(options: ReadonlySet<string>, pairs: number): void {
  if (!Number.isInteger(pairs) || pairs === 0) throw syntaxError();
  if (options.has('nx') && options.has('xx')) {
    throw new Refusal('ERR XX and NX options at the same time are not compatible');
  }
  if (['gt', 'lt', 'nx'].filter((option) => options.has(option)).length > 1) {
    throw new Refusal('ERR GT, LT, and/or NX options at the same time are not compatible');
  }
  if (options.has('incr') && pairs > 1) {
    throw new Refusal('ERR INCR option supports a single increment-element pair');
  }
}

function mayAdd(options: ReadonlySet<string>, old: number | undefined, next: number): boolean {
  if (old === undefined) return !options.has('xx');
  if (options.has('nx')) return false;
  return !(options.has('gt') && next <= old) && !(options.has('lt') && next >= old);
}

function score(session: Session, args: readonly string[]): string {
  const found = scoresAt(session, args).get(at(args, 2));
  return found === undefined ? nil : bulk(printDouble(found));
}

function remove({ database }: Session, args: readonly string[]): string {
  const key = at(args, 1);
  const scores = database.typed(key, 'zset')?.scores;
  if (scores === undefined) return integer(0);
  let removed = 0;
  for (let i = 2; i < args.length; i++) if (scores.delete(at(args, i))) removed += 1;
  if (scores.size === 0) database.remove(key);
  if (removed > 0) database.changed(key);
  return integer(removed);
}

interface RangeOptions {
  withScores: boolean;
  reverse: boolean;
  by: 'rank' | 'score' | 'lex';
  offset: number;
  limit: number;
}

/** Ranges by rank and by score; by bytes (BYLEX) is not simulated. */
function range(session: Session, args: readonly string[]): string {
  const options = rangeOptions(args);
  if (options.limit !== -1 && options.by === 'rank') {
    throw new Refusal(
      'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    );
  }
  if (options.by === 'lex') throw new Refusal('ERR BYLEX is not simulated');
  return options.by === 'rank' ? rangeByRank(session, args, options) : rangeByScore(session, args, options);
}

function rangeOptions(args: readonly string[]): RangeOptions {
  const options: RangeOptions = { withScores: false, reverse: false, by: 'rank', offset: 0, limit: -1 };
  for (let i = 4; i < args.length; i++) {
    const option = args[i];
    if (is(option, 'withscores')) {
      options.withScores = true;
    } else if (is(option, 'limit') && i + 2 < args.length) {
      options.offset = integerArgument(at(args, i + 1));
      options.limit = integerArgument(at(args, i + 2));
      i += 2;
    } else if (is(option, 'rev') && !options.reverse) {
      options.reverse = true;
    } else if (is(option, 'byscore') && options.by === 'rank') {
      options.by = 'score';
    } else if (is(option, 'bylex') && options.by === 'rank') {
      options.by = 'lex';
    } else {
      throw syntaxError();
    }
  }
  return options;
}

function rangeByRank(session: Session, args: readonly string[], options: RangeOptions): string {
  const start = integerArgument(at(args, 2));
  const end = integerArgument(at(args, 3));
  const ordered = inOrder(scoresAt(session, args));
  if (options.reverse) ordered.reverse();
  const from = start < 0 ? Math.max(0, ordered.length + start) : start;
  const to = end < 0 ? ordered.length + end : end;
  return found(from > to ? [] : ordered.slice(from, to + 1), options);
}

function rangeByScore(session: Session, args: readonly string[], options: RangeOptions): string {
  const first = scoreEdge(at(args, 2));
  const second = scoreEdge(at(args, 3));
  const [least, greatest] = options.reverse ? [second, first] : [first, second];
  const ordered = inOrder(scoresAt(session, args)).filter(
    ([, value]) =>
      (least.open ? value > least.score : value >= least.score) &&
      (greatest.open ? value < greatest.score : value <= greatest.score),
  );
  if (options.reverse) ordered.reverse();
  if (options.offset < 0) return emptyArray;
  const end = options.limit < 0 ? undefined : options.offset + options.limit;
  return found(ordered.slice(options.offset, end), options);
}

function scoreEdge(text: string): { readonly score: number; readonly open: boolean } {
  const open = text.startsWith('(');
  const number = open ? text.slice(1) : text;
  const value = number === '' ? 0 : parseDouble(number);
  if (value === null) throw new Refusal('ERR min or max is not a float');
  return { score: value, open };
}

function found(members: readonly (readonly [string, number])[], { withScores }: RangeOptions): string {
  return bulks(
    withScores
      ? members.flatMap(([member, value]) => [member, printDouble(value)])
      : members.map(([member]) => member),
  );
}
