/** One thing that a client may be used for: commands in order, each as method and arguments. */
export interface ClientCase {
  readonly name: string;
  readonly commands: readonly (readonly [method: string, ...args: (string | number)[]])[];
}

/** Fixed cases for the client on a real server, on the simulated one, and for `ioredis-mock`. */
export const clientCases: readonly ClientCase[] = [
  {
    name: 'set and get',
    commands: [
      ['set', 'k', 'v'],
      ['get', 'k'],
      ['get', 'none'],
    ],
  },
  {
    name: 'set with NX and XX',
    commands: [
      ['set', 'k', 'a', 'XX'],
      ['set', 'k', 'a', 'NX'],
      ['set', 'k', 'b', 'NX'],
      ['get', 'k'],
    ],
  },
  {
    name: 'set with GET',
    commands: [
      ['set', 'k', 'a'],
      ['set', 'k', 'b', 'GET'],
      ['get', 'k'],
    ],
  },
  {
    name: 'set with EX',
    commands: [
      ['set', 'k', 'a', 'EX', 100],
      ['ttl', 'k'],
    ],
  },
  {
    name: 'set with PXAT',
    commands: [
      ['set', 'k', 'a', 'PXAT', 4_000_000_000_000],
      ['get', 'k'],
      ['persist', 'k'],
    ],
  },
  {
    name: 'set with KEEPTTL',
    commands: [
      ['set', 'k', 'a', 'EX', 100],
      ['set', 'k', 'b', 'KEEPTTL'],
      ['ttl', 'k'],
    ],
  },
  {
    name: 'set with a wrong option',
    commands: [
      ['set', 'k', 'a', 'ZZ'],
      ['get', 'k'],
    ],
  },
  {
    name: 'setnx, getset, getdel, append, strlen',
    commands: [
      ['setnx', 'k', 'a'],
      ['getset', 'k', 'b'],
      ['append', 'k', 'c'],
      ['strlen', 'k'],
      ['getdel', 'k'],
      ['get', 'k'],
    ],
  },
  {
    name: 'getex',
    commands: [
      ['set', 'k', 'a'],
      ['getex', 'k', 'EX', 50],
      ['ttl', 'k'],
      ['getex', 'k', 'PERSIST'],
      ['ttl', 'k'],
    ],
  },
  {
    name: 'mset and mget',
    commands: [
      ['mset', 'a', '1', 'b', '2'],
      ['mget', 'a', 'none', 'b'],
    ],
  },
  {
    name: 'incr and decrby',
    commands: [
      ['incr', 'n'],
      ['incrby', 'n', 10],
      ['decrby', 'n', 3],
      ['get', 'n'],
    ],
  },
  {
    name: 'incrbyfloat',
    commands: [
      ['set', 'n', '3.0e3'],
      ['incrbyfloat', 'n', '200'],
    ],
  },
  {
    name: 'incr of text',
    commands: [
      ['set', 'k', 'text'],
      ['incr', 'k'],
    ],
  },
  {
    name: 'incr past 64 bits',
    commands: [
      ['set', 'k', '9223372036854775807'],
      ['incr', 'k'],
    ],
  },
  {
    name: 'del, exists, type',
    commands: [
      ['mset', 'a', '1', 'b', '2'],
      ['exists', 'a', 'b', 'c'],
      ['type', 'a'],
      ['type', 'c'],
      ['del', 'a', 'c'],
      ['exists', 'a'],
    ],
  },
  {
    name: 'unlink',
    commands: [
      ['set', 'a', '1'],
      ['unlink', 'a', 'b'],
    ],
  },
  {
    name: 'expire and persist',
    commands: [
      ['set', 'k', 'v'],
      ['expire', 'k', 100],
      ['ttl', 'k'],
      ['persist', 'k'],
      ['ttl', 'k'],
    ],
  },
  {
    name: 'expire with NX',
    commands: [
      ['set', 'k', 'v', 'EX', 100],
      ['expire', 'k', 500, 'NX'],
      ['ttl', 'k'],
    ],
  },
  {
    name: 'pexpire with GT',
    commands: [
      ['set', 'k', 'v', 'EX', 100],
      ['pexpire', 'k', 50_000, 'GT'],
      ['ttl', 'k'],
    ],
  },
  {
    name: 'rename',
    commands: [
      ['set', 'a', '1'],
      ['rename', 'a', 'b'],
      ['get', 'b'],
      ['rename', 'a', 'b'],
    ],
  },
  {
    name: 'keys',
    commands: [
      ['set', 'user:1', 'x'],
      ['set', 'other', 'x'],
      ['keys', 'user:*'],
    ],
  },
  {
    name: 'scan',
    commands: [
      ['set', 'user:1', 'x'],
      ['set', 'other', 'x'],
      ['scan', '0', 'MATCH', 'user:*', 'COUNT', 100],
    ],
  },
  {
    name: 'scan with TYPE',
    commands: [
      ['set', 'a', 'x'],
      ['hset', 'h', 'f', '1'],
      ['scan', '0', 'COUNT', 100, 'TYPE', 'hash'],
    ],
  },
  { name: 'dbsize', commands: [['set', 'a', 'x'], ['dbsize']] },
  {
    name: 'touch',
    commands: [
      ['set', 'a', 'x'],
      ['touch', 'a', 'b'],
    ],
  },
  {
    name: 'select',
    commands: [
      ['set', 'a', 'x'],
      ['select', 1],
      ['get', 'a'],
    ],
  },
  {
    name: 'hashes',
    commands: [
      ['hset', 'h', 'a', '1', 'b', '2'],
      ['hget', 'h', 'a'],
      ['hgetall', 'h'],
      ['hmget', 'h', 'b', 'c'],
      ['hdel', 'h', 'a'],
      ['hlen', 'h'],
      ['hexists', 'h', 'a'],
    ],
  },
  {
    name: 'hsetnx',
    commands: [
      ['hsetnx', 'h', 'a', '1'],
      ['hsetnx', 'h', 'a', '2'],
      ['hget', 'h', 'a'],
    ],
  },
  {
    name: 'hincrby',
    commands: [
      ['hincrby', 'h', 'a', 5],
      ['hincrby', 'h', 'a', -2],
    ],
  },
  {
    name: 'hincrby of text',
    commands: [
      ['hset', 'h', 'a', 'text'],
      ['hincrby', 'h', 'a', 1],
    ],
  },
  { name: 'hgetall of nothing', commands: [['hgetall', 'none']] },
  {
    name: 'get of a hash',
    commands: [
      ['hset', 'h', 'a', '1'],
      ['get', 'h'],
    ],
  },
  {
    name: 'hset on a string',
    commands: [
      ['set', 'k', 'v'],
      ['hset', 'k', 'a', '1'],
    ],
  },
  {
    name: 'lists',
    commands: [
      ['rpush', 'l', 'a', 'b', 'c'],
      ['lpush', 'l', 'z'],
      ['lrange', 'l', 0, -1],
      ['llen', 'l'],
      ['lpop', 'l'],
      ['rpop', 'l'],
      ['ltrim', 'l', 0, 0],
      ['lrange', 'l', 0, -1],
    ],
  },
  {
    name: 'lpop with a count',
    commands: [
      ['rpush', 'l', 'a', 'b', 'c'],
      ['lpop', 'l', 2],
    ],
  },
  {
    name: 'blpop of what is there',
    commands: [
      ['rpush', 'l', 'a'],
      ['blpop', 'l', 1],
    ],
  },
  {
    name: 'brpop of what is there',
    commands: [
      ['rpush', 'l', 'a', 'b'],
      ['brpop', 'l', 1],
    ],
  },
  {
    name: 'sets',
    commands: [
      ['sadd', 's', 'a', 'b', 'a'],
      ['sismember', 's', 'a'],
      ['scard', 's'],
      ['srem', 's', 'a'],
      ['smembers', 's'],
    ],
  },
  {
    name: 'sorted sets',
    commands: [
      ['zadd', 'z', 2, 'b', 1, 'a'],
      ['zrange', 'z', 0, -1],
      ['zscore', 'z', 'b'],
      ['zcard', 'z'],
      ['zrem', 'z', 'a'],
      ['zrange', 'z', 0, -1, 'WITHSCORES'],
    ],
  },
  {
    name: 'zadd with CH and GT',
    commands: [
      ['zadd', 'z', 1, 'a'],
      ['zadd', 'z', 'GT', 'CH', 5, 'a'],
      ['zscore', 'z', 'a'],
    ],
  },
  {
    name: 'xadd with the time',
    commands: [
      ['xadd', 's', '*', 'f', '1'],
      ['xlen', 's'],
    ],
  },
  {
    name: 'xadd with an id',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xrange', 's', '-', '+'],
    ],
  },
  {
    name: 'xadd with a lower id',
    commands: [
      ['xadd', 's', '5-1', 'f', '1'],
      ['xadd', 's', '4-1', 'f', '2'],
      ['xlen', 's'],
    ],
  },
  { name: 'xadd with ms-*', commands: [['xadd', 's', '5-*', 'f', '1']] },
  {
    name: 'xadd with NOMKSTREAM',
    commands: [
      ['xadd', 's', 'NOMKSTREAM', '*', 'f', '1'],
      ['exists', 's'],
    ],
  },
  {
    name: 'xadd with MAXLEN',
    commands: [
      ['xadd', 's', '*', 'f', '1'],
      ['xadd', 's', 'MAXLEN', 1, '*', 'f', '2'],
      ['xlen', 's'],
    ],
  },
  {
    name: 'xadd with MINID',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xadd', 's', 'MINID', '2', '3-1', 'f', '2'],
      ['xlen', 's'],
    ],
  },
  {
    name: 'xadd on a string',
    commands: [
      ['set', 'k', 'v'],
      ['xadd', 'k', '*', 'f', '1'],
    ],
  },
  {
    name: 'xrange without its ends',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xadd', 's', '1-2', 'f', '2'],
      ['xrange', 's', '(1-1', '+'],
    ],
  },
  {
    name: 'xrevrange',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xadd', 's', '1-2', 'f', '2'],
      ['xrevrange', 's', '+', '-', 'COUNT', 1],
    ],
  },
  {
    name: 'xread after a cursor',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xadd', 's', '1-2', 'f', '2'],
      ['xread', 'STREAMS', 's', '1-1'],
    ],
  },
  {
    name: 'xread from the end',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xread', 'STREAMS', 's', '$'],
    ],
  },
  { name: 'xread that blocks in vain', commands: [['xread', 'BLOCK', 20, 'STREAMS', 's', '$']] },
  {
    name: 'xdel',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xdel', 's', '1-1'],
      ['xlen', 's'],
    ],
  },
  {
    name: 'xtrim',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xadd', 's', '1-2', 'f', '2'],
      ['xtrim', 's', 'MAXLEN', 1],
    ],
  },
  {
    name: 'consumer groups',
    commands: [
      ['xgroup', 'CREATE', 's', 'g', '$', 'MKSTREAM'],
      ['xadd', 's', '1-1', 'f', '1'],
      ['xreadgroup', 'GROUP', 'g', 'me', 'STREAMS', 's', '>'],
      ['xpending', 's', 'g'],
      ['xack', 's', 'g', '1-1'],
    ],
  },
  {
    name: 'xinfo',
    commands: [
      ['xadd', 's', '1-1', 'f', '1'],
      ['xinfo', 'GROUPS', 's'],
    ],
  },
  { name: 'publish to nobody', commands: [['publish', 'c', 'm']] },
  { name: 'a transaction', commands: [['multi'], ['set', 'k', '1'], ['incr', 'k'], ['exec']] },
  {
    name: 'a transaction with an error inside',
    commands: [
      ['multi'],
      ['set', 'k', 'text'],
      ['incr', 'k'],
      ['set', 'after', '1'],
      ['exec'],
      ['get', 'after'],
    ],
  },
  {
    name: 'a transaction that is discarded',
    commands: [['multi'], ['set', 'k', '1'], ['discard'], ['get', 'k']],
  },
  { name: 'watch without a change', commands: [['watch', 'k'], ['multi'], ['set', 'k', '1'], ['exec']] },
  { name: 'exec without multi', commands: [['exec']] },
  { name: 'ping and echo', commands: [['ping'], ['ping', 'x'], ['echo', 'y']] },
  { name: 'wait', commands: [['wait', 0, 10]] },
  {
    name: 'client name',
    commands: [
      ['client', 'SETNAME', 'me'],
      ['client', 'GETNAME'],
    ],
  },
  { name: 'too few arguments', commands: [['get']] },
  { name: 'flushall', commands: [['set', 'k', 'v'], ['flushall'], ['exists', 'k']] },
];
