import fc from 'fast-check';

/** An argument: bytes (latin1), or the n-th newest id that the server itself made. */
export type Arg = string | { readonly newest: number };

/** Commands that one connection sends in one go. */
export interface Step {
  readonly connection: number;
  readonly commands: readonly (readonly Arg[])[];
}

export const connections = 3;

type Args = fc.Arbitrary<readonly Arg[]>;

/** Few keys, most of them used for one type of value, so that commands meet. */
const shared = fc.constantFrom('x', 'y');
function keyOf(...own: string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...own) }, { weight: 1, arbitrary: shared });
}
const stringKey = keyOf('s1', 's2');
const hashKey = keyOf('h1');
const listKey = keyOf('l1', 'l2');
const setKey = keyOf('t1');
const sortedKey = keyOf('z1');
const streamKey = keyOf('e1', 'e2');
const anyKey = fc.oneof(stringKey, hashKey, listKey, setKey, sortedKey, streamKey);

const value = fc.constantFrom('', 'a', 'b', 'abc', '\r\n\0\xff', '$-1', 'x'.repeat(70), '12', '3.5');
const number = fc.constantFrom('0', '1', '-1', '2', '5', '-7', '100');
const oddNumber = fc.constantFrom(
  '9223372036854775807',
  '-9223372036854775808',
  '01',
  '+1',
  ' 1',
  '1.5',
  '',
  'ten',
  '-0',
);
const integer = mostly(number, oddNumber);
const float = mostly(
  fc.constantFrom('0', '1', '0.1', '-2.5', '3.0e3', '1e-3', '100', '.5', '5.'),
  fc.constantFrom('inf', '-inf', 'nan', '', 'ten', '1e5000', ' 1', '1 ', '+7'),
);
const score = mostly(
  fc.constantFrom('0', '1', '2', '-1', '0.1', '1e20', '3.25', '1e-7'),
  fc.constantFrom('inf', '-inf', 'nan', 'x', '1e400'),
);
const field = fc.constantFrom('f1', 'f2', 'f3');
const member = fc.constantFrom('m1', 'm2', 'm3', '7', '10');
const index = fc.constantFrom('0', '1', '2', '-1', '-2', '-5', '10');
const pattern = fc.constantFrom('*', 's*', '?1', '[a-s]1', '[^e]*', 'x', 'l[12]', '\\x', '**1', '[');
const channel = fc.constantFrom('c1', 'c2', 'news');
/** No channel matches two of them: a real server goes through patterns in no order. */
const channels = fc.constantFrom('c*', 'n?ws');
const id: fc.Arbitrary<Arg> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('1-1', '1-2', '2-0', '2', '3-7', '5-5') },
  { weight: 3, arbitrary: fc.nat(3).map((newest) => ({ newest })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '0-0',
      '0-1',
      'x',
      '1-x',
      '-',
      '+',
      '1-2-3',
      '',
      '18446744073709551615-18446744073709551615',
    ),
  },
);
const edge: fc.Arbitrary<Arg> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('-', '+') },
  { weight: 4, arbitrary: id },
  {
    weight: 1,
    arbitrary: fc.constantFrom('(1-1', '(2', '(0-0', '(-', '(18446744073709551615-18446744073709551615', '('),
  },
);
const group = fc.constantFrom('g1', 'g2');
const consumer = fc.constantFrom('alice', 'bob');

/** Seconds, far enough apart and away that a slow machine changes nothing. */
const lifetime = mostly(
  fc.constantFrom('100', '5000', '70000'),
  fc.constantFrom('0', '-1', 'x', '9223372036854775807', '9223372036854776'),
);
const lifetimeMs = mostly(
  fc.constantFrom('100000', '5000000'),
  fc.constantFrom('0', '-1', 'x', '9223372036854775807'),
);
const instant = mostly(
  fc.constantFrom('4000000000', '4000000001', '4100000000'),
  fc.constantFrom('1', '0', '-5', '9223372036854775807'),
);
const instantMs = mostly(fc.constantFrom('4000000000000', '4000000000001'), fc.constantFrom('1', '0', '-5'));
const comparison = many(fc.constantFrom('NX', 'XX', 'GT', 'lt', 'zz'), 0, 2);
const presence = many(fc.constantFrom('NX', 'xx'), 0, 1);

const strings = alternatives([
  [6, of('get', stringKey)],
  [6, of('set', stringKey, value)],
  [3, of('set', stringKey, integer)],
  [4, of('set', stringKey, value, setOptions())],
  [1, of('setnx', stringKey, value)],
  [1, of('setex', stringKey, lifetime, value)],
  [1, of('psetex', stringKey, lifetimeMs, value)],
  [1, of('getset', stringKey, value)],
  [1, of('getdel', stringKey)],
  [2, of('getex', stringKey, getexOptions())],
  [1, of('mget', many(anyKey, 1, 3))],
  [1, of('mset', pairs(stringKey, value))],
  [1, of('msetnx', pairs(stringKey, value))],
  [2, of('append', stringKey, value)],
  [1, of('strlen', stringKey)],
  [1, of('getrange', stringKey, index, index)],
  [2, of('incr', stringKey)],
  [1, of('decr', stringKey)],
  [2, of('incrby', stringKey, integer)],
  [1, of('decrby', stringKey, integer)],
  [3, of('incrbyfloat', stringKey, float)],
]);

const keys = alternatives([
  [3, of('del', many(anyKey, 1, 2))],
  [1, of('unlink', many(anyKey, 1, 2))],
  [1, of('exists', many(anyKey, 1, 3))],
  [2, of('expire', anyKey, lifetime, presence)],
  [1, of('pexpire', anyKey, lifetimeMs, presence)],
  [2, of('expireat', anyKey, instant, comparison)],
  [1, of('pexpireat', anyKey, instantMs, comparison)],
  [2, of('ttl', anyKey)],
  [2, of('pttl', anyKey)],
  [1, of('expiretime', anyKey)],
  [1, of('pexpiretime', anyKey)],
  [1, of('persist', anyKey)],
  [2, of('type', anyKey)],
  [1, of('keys', pattern)],
  [2, of('scan', mostly(fc.constant('0'), fc.constantFrom('x', '99999999999999999999', '')), scanOptions())],
  [2, of('rename', anyKey, anyKey)],
  [1, of('renamenx', anyKey, anyKey)],
  [1, of('dbsize')],
  [1, of('touch', many(anyKey, 1, 2))],
  [0.2, of('flushdb', many(fc.constantFrom('async', 'SYNC', 'x'), 0, 1))],
  [0.1, of('flushall')],
]);

const hashes = alternatives([
  [4, of('hset', hashKey, pairs(field, value))],
  [2, of('hset', hashKey, field, integer)],
  [1, of('hmset', hashKey, pairs(field, value))],
  [1, of('hsetnx', hashKey, field, value)],
  [2, of('hget', hashKey, field)],
  [1, of('hmget', hashKey, many(field, 1, 3))],
  [2, of('hgetall', hashKey)],
  [2, of('hdel', hashKey, many(field, 1, 2))],
  [1, of('hexists', hashKey, field)],
  [1, of('hlen', hashKey)],
  [1, of('hstrlen', hashKey, field)],
  [1, of('hkeys', hashKey)],
  [1, of('hvals', hashKey)],
  [2, of('hincrby', hashKey, field, integer)],
  [1, of('hincrbyfloat', hashKey, field, float)],
]);

const lists = alternatives([
  [3, of('lpush', listKey, many(value, 1, 3))],
  [3, of('rpush', listKey, many(value, 1, 3))],
  [1, of('lpushx', listKey, many(value, 1, 2))],
  [1, of('rpushx', listKey, many(value, 1, 2))],
  [2, of('lpop', listKey, many(integer, 0, 1))],
  [2, of('rpop', listKey, many(integer, 0, 1))],
  [2, of('lrange', listKey, index, index)],
  [1, of('lindex', listKey, index)],
  [1, of('llen', listKey)],
  [1, of('ltrim', listKey, index, index)],
  [2, of('blpop', many(listKey, 1, 2), waitSeconds())],
  [2, of('brpop', many(listKey, 1, 2), waitSeconds())],
]);

const sets = alternatives([
  [3, of('sadd', setKey, many(member, 1, 3))],
  [2, of('srem', setKey, many(member, 1, 2))],
  [1, of('smembers', setKey)],
  [1, of('sismember', setKey, member)],
  [1, of('smismember', setKey, many(member, 1, 3))],
  [1, of('scard', setKey)],
]);

const sortedSets = alternatives([
  [
    3,
    of(
      'zadd',
      sortedKey,
      many(fc.constantFrom('NX', 'XX', 'GT', 'LT', 'CH', 'incr'), 0, 2),
      pairs(score, member),
    ),
  ],
  [2, of('zadd', sortedKey, score, member)],
  [1, of('zscore', sortedKey, member)],
  [2, of('zrange', sortedKey, index, index, many(fc.constantFrom('WITHSCORES', 'rev', 'LIMIT'), 0, 2))],
  [
    1,
    of(
      'zrange',
      sortedKey,
      scoreEdge(),
      scoreEdge(),
      fc.constant('byscore'),
      sometimes(of('limit', index, index)),
      many(fc.constantFrom('withscores', 'REV'), 0, 2),
    ),
  ],
  [1, of('zcard', sortedKey)],
  [1, of('zrem', sortedKey, many(member, 1, 2))],
]);

const streams = alternatives([
  [6, of('xadd', streamKey, fc.constant('*'), pairs(field, value))],
  [
    5,
    of('xadd', streamKey, addOptions(), mostly(fc.constantFrom('*', '1-*', '2-*'), id), pairs(field, value)),
  ],
  [1, of('xlen', streamKey)],
  [2, of('xrange', streamKey, edge, edge, countOption())],
  [1, of('xrevrange', streamKey, edge, edge, countOption())],
  [2, of('xread', countOption(), fc.constant('streams'), streamKey, mostly(fc.constantFrom('0', '$'), id))],
  [1, of('xread', fc.constant('streams'), streamKey, streamKey, id, id)],
  [
    3,
    of(
      'xread',
      countOption(),
      fc.constant('BLOCK'),
      waitMs(),
      fc.constant('streams'),
      streamKey,
      mostly(fc.constant('$'), id),
    ),
  ],
  [
    1,
    of(
      'xread',
      fc.constant('block'),
      waitMs(),
      fc.constant('streams'),
      streamKey,
      streamKey,
      fc.constant('$'),
      fc.constant('$'),
    ),
  ],
  [1, of('xdel', streamKey, many(id, 1, 2))],
  [1, of('xtrim', streamKey, trimOption())],
  [
    2,
    of(
      'xgroup',
      fc.constantFrom('CREATE', 'create'),
      streamKey,
      group,
      mostly(fc.constantFrom('0', '$'), id),
      many(fc.constantFrom('MKSTREAM', 'x'), 0, 1),
    ),
  ],
  [0.5, of('xgroup', fc.constant('destroy'), streamKey, group)],
  [0.5, of('xgroup', fc.constant('setid'), streamKey, group, mostly(fc.constantFrom('0', '$'), id))],
  [0.5, of('xgroup', fc.constantFrom('createconsumer', 'delconsumer'), streamKey, group, consumer)],
  [3, readGroup(mostly(fc.constant('>'), id), fc.constant([]))],
  [3, readGroup(fc.constant('>'), of('block', waitMs()))],
  [2, of('xack', streamKey, group, many(id, 1, 2))],
  [1, of('xpending', streamKey, group)],
  [1, of('xpending', streamKey, group, edge, edge, integer, many(consumer, 0, 1))],
  [1, of('xinfo', fc.constantFrom('STREAM', 'groups', 'x'), streamKey)],
  [0.5, of('xinfo', fc.constant('consumers'), streamKey, group)],
]);

const connectionCommands = alternatives([
  [2, of('ping', many(value, 0, 2))],
  [1, of('echo', value)],
  [1, of('select', mostly(fc.constantFrom('0', '1'), fc.constantFrom('16', '-1', 'x')))],
  [1, of('select', fc.constant('0'))],
  [0.3, of('auth', many(fc.constantFrom('default', 'secret', 'x'), 1, 3))],
  [0.5, of('client', fc.constantFrom('ID', 'getname'))],
  [0.5, of('client', fc.constant('setname'), fc.constantFrom('me', '', 'a b'))],
  [
    0.3,
    of(
      'client',
      fc.constantFrom('nothing', 'no-evict', 'SETINFO'),
      many(fc.constantFrom('on', 'lib-name'), 0, 2),
    ),
  ],
  [0.3, of('hello', many(fc.constantFrom('2', '1', '4', 'x', 'setname', 'me', 'AUTH', 'default'), 0, 4))],
  [0.3, of('reset')],
  [0.2, of('nosuch', many(value, 0, 3))],
  [0.3, of('wait', fc.constantFrom('0', '-1', 'x'), fc.constantFrom('0', '10', '-1', 'x'))],
  [0.2, of('command', fc.constantFrom('nosuch'))],
  [0.2, of('config', fc.constantFrom('get', 'nosuch'), fc.constantFrom('save', 'maxmemory', 'appendonly'))],
]);

/** One reply each: within EXEC more of them would stand where the replies to other commands belong. */
const publications = alternatives([
  [3, of('publish', channel, value)],
  [1, of('subscribe', channel)],
  [1, of('psubscribe', channels)],
  [2, of('unsubscribe', channel)],
  [2, of('punsubscribe', channels)],
  [1, of('pubsub', fc.constantFrom('numsub', 'numpat', 'NUMSUB'), many(channel, 0, 1))],
]);

const transactions = alternatives([
  [4, of('multi')],
  [5, of('exec')],
  [1, of('discard')],
  [3, of('watch', many(anyKey, 1, 2))],
  [1, of('unwatch')],
]);

const anyCommand = alternatives([
  [20, strings],
  [12, keys],
  [12, hashes],
  [12, lists],
  [5, sets],
  [6, sortedSets],
  [24, streams],
  [5, connectionCommands],
  [5, publications],
  [16, transactions],
]);

/** Not to be maimed: it would give several replies, or a list of all commands. */
const whole = /subscribe$|^command$/;

/** Mostly as it is, now and then with an argument too many or too few. */
const perhapsMaimed: Args = fc.tuple(anyCommand, fc.integer({ min: 0, max: 60 })).map(([args, dice]) => {
  if (dice < 59 || args.length === 1 || whole.test(String(args[0]))) return args;
  return dice === 60 ? [...args, 'x'] : args.slice(0, -1);
});

/** All commands, on all keys. */
const everything = stepsOf(fc.nat(connections - 1), perhapsMaimed);

/** Two connections that mostly wait and one that helps them, or takes away what they wait for. */
const waiting = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: step(
        fc.nat(connections - 2),
        alternatives([
          [3, of('blpop', many(fc.constantFrom('l1', 'l2'), 1, 2), fc.constant('0'))],
          [1, of('brpop', fc.constantFrom('l1', 'l2'), fc.constant('0'))],
          [
            3,
            of(
              'xread',
              fc.constant('block'),
              fc.constant('0'),
              fc.constant('streams'),
              fc.constant('e1'),
              fc.constant('$'),
            ),
          ],
          [
            4,
            of(
              'xreadgroup',
              fc.constant('group'),
              group,
              consumer,
              fc.constantFrom([], ['noack']),
              fc.constant(['block', '0', 'streams', 'e1', '>']),
            ),
          ],
          [4, of('rpush', fc.constant('order'), fc.constantFrom('a', 'b', 'c'))],
        ]),
      ),
    },
    {
      weight: 4,
      arbitrary: step(
        fc.constant(connections - 1),
        alternatives([
          [3, of('rpush', fc.constantFrom('l1', 'l2'), many(fc.constantFrom('1', '2', '3'), 1, 3))],
          [4, of('xadd', fc.constantFrom('e1', 'e2'), fc.constant('*'), field, value)],
          [4, of('xgroup', fc.constant('create'), fc.constant('e1'), group, fc.constant(['$', 'mkstream']))],
          [1, of('xgroup', fc.constant('destroy'), fc.constant('e1'), group)],
          [1, of('del', fc.constantFrom('e1', 'l1'))],
          [1, of('set', fc.constantFrom('e1', 'l1'), value)],
          [1, of('rename', fc.constantFrom('e1', 'e2', 'l2'), fc.constantFrom('e1', 'l1'))],
          [0.5, of('expire', fc.constant('e1'), fc.constant('-1'))],
          [0.5, of('lpop', fc.constant('l1'))],
          [0.5, of('xdel', fc.constant('e1'), id)],
          [0.3, of('flushall')],
          [2, of('rpush', fc.constant('order'), fc.constant('actor'))],
          [1, of('lrange', fc.constant('order'), fc.constant('0'), fc.constant('-1'))],
          [1, of('xpending', fc.constant('e1'), group)],
          [2, of('multi')],
          [3, of('exec')],
        ]),
      ),
    },
  ),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** Transactions that watch what others change. */
const watching = stepsOf(
  fc.nat(connections - 1),
  alternatives([
    [4, of('watch', many(fc.constantFrom('s1', 'h1', 'e1'), 1, 2))],
    [4, of('multi')],
    [5, of('exec')],
    [1, of('discard')],
    [0.5, of('unwatch')],
    [2, strings],
    [2, hashes],
    [2, streams],
    [1, of('expire', fc.constantFrom('s1', 'h1'), fc.constantFrom('-1', '100'))],
    [1, of('persist', fc.constantFrom('s1', 'h1'))],
    [1, of('rename', fc.constantFrom('s1', 's2', 'h1'), fc.constantFrom('s1', 's2', 'h1'))],
    [0.5, of('select', fc.constantFrom('0', '1'))],
    [0.3, of('flushdb')],
  ]),
);

const decimal = fc.oneof(
  float,
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }).map(String),
  fc.tuple(fc.integer(), fc.nat(999_999_999)).map(([whole, fraction]) => `${whole}.${fraction}`),
);

/** Numbers, and what becomes of their last digits. */
const counting = stepsOf(
  fc.constant(0),
  alternatives([
    [4, of('incrbyfloat', stringKey, decimal)],
    [1, of('hincrbyfloat', hashKey, field, decimal)],
    [2, of('zadd', sortedKey, many(fc.constant('incr'), 0, 1), decimal, member)],
    [1, of('zrange', sortedKey, fc.constant(['0', '-1', 'withscores']))],
    [1, of('set', stringKey, decimal)],
    [1, of('incrby', stringKey, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }).map(String))],
    [1, of('incr', stringKey)],
  ]),
);

export const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 12, arbitrary: everything },
  { weight: 5, arbitrary: waiting },
  { weight: 3, arbitrary: watching },
  { weight: 1, arbitrary: counting },
);

function stepsOf(connection: fc.Arbitrary<number>, command: Args): fc.Arbitrary<readonly Step[]> {
  return fc.array(step(connection, command), { minLength: 1, maxLength: 60, size: 'max' });
}

function step(connection: fc.Arbitrary<number>, command: Args): fc.Arbitrary<Step> {
  return fc.record({ connection, commands: fc.array(command, { minLength: 1, maxLength: 6 }) });
}

function of(name: string, ...parts: readonly fc.Arbitrary<Arg | readonly Arg[]>[]): Args {
  return fc
    .tuple(...parts)
    .map((found) => [name, ...found.flatMap((part) => (Array.isArray(part) ? part : [part as Arg]))]);
}

function alternatives(weighted: readonly (readonly [weight: number, args: Args])[]): Args {
  return fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight: Math.ceil(weight * 10), arbitrary })));
}

function mostly<T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: unusual });
}

function many<T extends Arg>(
  one: fc.Arbitrary<T>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<readonly T[]> {
  return fc.array(one, { minLength, maxLength });
}

function pairs(first: fc.Arbitrary<string>, second: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> {
  return fc.array(fc.tuple(first, second), { minLength: 1, maxLength: 2 }).map((found) => found.flat());
}

function sometimes(args: Args): Args {
  return fc.option(args, { nil: [], freq: 2 });
}

function setOptions(): Args {
  return options([
    of('EX', lifetime),
    of('px', lifetimeMs),
    of('EXAT', instant),
    of('pxat', instantMs),
    fc.constantFrom(['NX'], ['xx'], ['GET'], ['KEEPTTL'], ['get'], ['x']),
  ]);
}

function getexOptions(): Args {
  return options([
    of('EX', lifetime),
    of('px', lifetimeMs),
    of('EXAT', instant),
    of('pxat', instantMs),
    fc.constant(['PERSIST']),
  ]);
}

/** Everything in one call: how far a call with a small COUNT gets is the hash table's business. */
function scanOptions(): Args {
  const more = options([
    of('MATCH', pattern),
    of('type', fc.constantFrom('string', 'HASH', 'stream', 'nothing')),
    of('count', fc.oneof(oddNumber, fc.constantFrom('0', '-1', '100'))),
  ]);
  return more.map((found) => ['COUNT', '1000', ...found]);
}

function addOptions(): Args {
  return options([fc.constant(['NOMKSTREAM']), trimOption()]);
}

function trimOption(): Args {
  return fc
    .tuple(
      fc.oneof(
        of('MAXLEN', sign(), mostly(fc.constantFrom('0', '1', '2', '5'), oddNumber)),
        of('minid', sign(), id),
      ),
      sometimes(of('LIMIT', integer)),
    )
    .map((found) => found.flat());
}

function sign(): Args {
  return fc.constantFrom([], ['='], ['~']);
}

function countOption(): Args {
  return sometimes(of('COUNT', integer));
}

function scoreEdge(): fc.Arbitrary<string> {
  return fc.constantFrom('-inf', '+inf', '0', '(0', '1', '(1', '2', '0.1', 'x', '');
}

function readGroup(from: fc.Arbitrary<Arg>, block: Args): Args {
  return of(
    'xreadgroup',
    fc.constant('GROUP'),
    group,
    consumer,
    countOption(),
    block,
    fc.constantFrom([], [], ['NOACK']),
    fc.constant('streams'),
    streamKey,
    from,
  );
}

/** Without end, or short enough to wait for. */
function waitSeconds(): fc.Arbitrary<string> {
  return fc.constantFrom('0', '0', '0', '0', '0', '0', '0', '0', '0', '0.02', '-1', 'x', 'inf');
}

function waitMs(): fc.Arbitrary<string> {
  return fc.constantFrom('0', '0', '0', '0', '0', '0', '0', '0', '0', '20', '-1', 'x', '1.5');
}

function options(some: readonly Args[]): Args {
  return fc.array(fc.oneof(...some), { maxLength: 2 }).map((found) => found.flat());
}

const longValue = fc.oneof(
  fc.constantFrom('', '7', '4000'),
  fc.constantFrom(
    '',
    '7',
    '-300',
    '70000',
    '9000000000',
    'x'.repeat(63),
    'x'.repeat(64),
    'x'.repeat(130),
    'x'.repeat(5_000),
  ),
  fc.integer({ min: 0, max: 400 }).map((length) => 'y'.repeat(length)),
);

/** The time in the ids of a run of entries: ids of their own, as how far they are apart counts in a block. */
function timeOf(run: number): number {
  return (run + 1) ** 4;
}

const longRun = fc.tuple(fc.nat(130), fc.array(pairs(field, longValue), { minLength: 1 })).map(
  ([length, some]) =>
    (time: number): readonly Arg[][] =>
      Array.from({ length }, (_, i) => ['xadd', 'e1', `${time}-*`, ...(some[i % some.length] ?? [])]),
);
const longId = fc.tuple(fc.nat(20), fc.nat(130)).map(([run, seq]) => `${timeOf(run)}-${seq}`);
const limit = sometimes(of('limit', fc.constantFrom('0', '50', '150')));

/** Long streams that are trimmed block by block, on one connection. */
export const longStreams: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: longRun },
      ...[
        {
          weight: 4,
          arbitrary: of(
            'xtrim',
            fc.constant('e1'),
            fc.constant('MAXLEN'),
            fc.constant('~'),
            fc.nat(300).map(String),
            limit,
          ),
        },
        {
          weight: 2,
          arbitrary: of(
            'xtrim',
            fc.constant('e1'),
            fc.constantFrom('MAXLEN'),
            fc.constant('='),
            fc.nat(300).map(String),
          ),
        },
        {
          weight: 2,
          arbitrary: of('xtrim', fc.constant('e1'), fc.constant('MINID'), fc.constantFrom('~', '='), longId),
        },
        { weight: 3, arbitrary: of('xdel', fc.constant('e1'), many(longId, 1, 20)) },
        {
          weight: 1,
          arbitrary: of('xrange', fc.constant('e1'), longId, fc.constant('+'), fc.constant(['COUNT', '3'])),
        },
      ].map(({ weight, arbitrary }) => ({ weight, arbitrary: arbitrary.map((command) => () => [command]) })),
    ),
    { minLength: 1, maxLength: 20, size: 'max' },
  )
  .map((runs) =>
    runs.map((commandsAt, run) => ({
      connection: 0,
      commands: [...commandsAt(timeOf(run)), ['xinfo', 'STREAM', 'e1']],
    })),
  );
