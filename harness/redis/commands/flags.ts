/** What a server that is full refuses: commands that may need memory (`denyoom` in COMMAND INFO). */
const needsMemory: ReadonlySet<string> = new Set([
  ...['set', 'setnx', 'setex', 'psetex', 'getset', 'mset', 'msetnx', 'append'],
  ...['incr', 'decr', 'incrby', 'decrby', 'incrbyfloat'],
  ...['hset', 'hmset', 'hsetnx', 'hincrby', 'hincrbyfloat'],
  ...['lpush', 'rpush', 'lpushx', 'rpushx', 'sadd', 'zadd'],
  ...['xadd', 'xgroup|create', 'xgroup|createconsumer'],
]);

/** What else writes, and is refused by a read-only replica only. */
const writesOnly: ReadonlySet<string> = new Set([
  ...['del', 'unlink', 'getdel', 'getex', 'hdel', 'lpop', 'rpop', 'ltrim', 'blpop', 'brpop', 'srem', 'zrem'],
  ...['expire', 'pexpire', 'expireat', 'pexpireat', 'persist', 'rename', 'renamenx', 'flushdb', 'flushall'],
  ...['xdel', 'xtrim', 'xack', 'xreadgroup', 'xgroup|destroy', 'xgroup|delconsumer', 'xgroup|setid'],
]);

/** Whether a command may need memory. `name` as in the table: a subcommand's after a bar. */
export function mayNeedMemory(name: string): boolean {
  return needsMemory.has(name);
}

/** Whether a command may write. */
export function mayWrite(name: string): boolean {
  return needsMemory.has(name) || writesOnly.has(name);
}
