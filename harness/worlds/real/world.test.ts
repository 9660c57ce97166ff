import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../history.ts';
import type { Pattern } from '../../message.ts';
import type { ProcessFault } from '../../process-fault.ts';
import { realVersion } from '../../redis/real-server.fixture.ts';
import { cleanCase } from '../conformance-cases.ts';
import { entryPoint } from '../entry-point.ts';
import { openRedis } from './redis/open-redis.ts';
import { createRealWorld } from './world.ts';

const hasRedisServer = realVersion() !== null;

const at: Pattern = { wire: 'redis', kind: 'xadd.events' };
const onRedis: ProcessFault[] = [
  { at, fate: { do: 'kill-redis', backAfterMs: 10, data: 'lost' } },
  { at, fate: { do: 'stall-redis', ms: 10 } },
  { at, fate: { do: 'fill-redis', ms: 10 } },
  { at, fate: { do: 'read-only-redis', ms: 10 } },
];

describe('on an embedded Redis', () => {
  it('plays what befalls no process of its own, and skips the rest with the reason', async () => {
    const world = await createRealWorld({ redis: 'embedded' });
    try {
      const history = await world.play({ ...cleanCase(), process: onRedis });
      expect(eventsOf(history, 'fault-fired').map(({ name }) => name)).toEqual([
        'fill-redis',
        'read-only-redis',
      ]);
      expect(eventsOf(history, 'fault-skipped').map(({ name, why }) => `${name}: ${why}`)).toEqual([
        'kill-redis: an embedded Redis has no process',
        'stall-redis: an embedded Redis has no process',
      ]);
    } finally {
      await world.close();
    }
  });
});

describe('on a Redis that somebody else runs', () => {
  it('touches its own keys only, and leaves none', async (context) => {
    if (!hasRedisServer) context.skip('no redis-server on the PATH');
    const foreign = await openRedis('process', { env: process.env, progress: () => {} });
    const { host, port, password = '' } = foreign.address;
    const client = new Redis({ host, port, password });
    try {
      await client.set('faultline:u:alice:r:run-1:state', 'of another tenant');
      await client.hset('orders', 'a', '1');
      const watching = await client.monitor();
      const commands: string[][] = [];
      watching.on('monitor', (_time: string, args: string[]) => commands.push(args));

      const world = await createRealWorld({ redis: `redis://:${password}@${host}:${port}` });
      expect(world.redis).toEqual({ kind: 'url', version: foreign.version });
      const history = await world.play({ ...cleanCase(), process: onRedis });
      await world.close();
      watching.removeAllListeners('monitor');
      watching.disconnect();

      expect((await client.keys('*')).sort()).toEqual(['faultline:u:alice:r:run-1:state', 'orders']);
      expect(await client.get('faultline:u:alice:r:run-1:state')).toBe('of another tenant');
      const names = new Set(commands.map(([name = '']) => name.toLowerCase()));
      expect(
        [...names].filter((name) => /^(flush|config|shutdown|debug|keys|client|script|replicaof)/.test(name)),
      ).toEqual([]);
      const keys = commands
        .filter(([name = '']) => /^(set|get|xadd|unlink|hset)$/i.test(name))
        .map(([, key]) => key);
      expect(keys.length).toBeGreaterThan(20);
      expect(keys.filter((key) => !/^faultline:[0-9a-f]{12}:[ugp]:/.test(key ?? ''))).toEqual([]);
      // And its history looks as if it had been alone.
      expect(eventsOf(history, 'stored').every(({ key }) => /^faultline:[ug]:/.test(key))).toBe(true);
      expect(eventsOf(history, 'fault-fired')).toEqual([]);
      expect(eventsOf(history, 'fault-skipped').map(({ name, why }) => `${name}: ${why}`)).toEqual(
        onRedis.map(({ fate }) => `${fate.do}: the Redis server is not of this run, and others may use it`),
      );
      expect(JSON.stringify(history)).not.toContain(password);
    } finally {
      client.disconnect();
      await foreign.close();
    }
  });
});

describe('a play that is stopped', () => {
  it('ends at once, leaves no key, and the next one begins clean', async () => {
    const world = await createRealWorld({ redis: hasRedisServer ? 'process' : 'embedded' });
    try {
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('Ctrl-C')), 60);
      const began = performance.now();
      const slow = {
        ...cleanCase(),
        faults: [{ at: { wire: 'agent' as const }, fate: { do: 'drop' as const } }],
      };
      await expect(world.play(slow, { signal: stop.signal })).rejects.toThrow('Ctrl-C');
      expect(performance.now() - began).toBeLessThan(3_000);
      const history = await world.play(cleanCase());
      expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }]);
      expect(eventsOf(history, 'case-ended')).toMatchObject([{ reason: 'quiet' }]);
    } finally {
      await world.close();
    }
  });
});

describe('a run that is killed', () => {
  it.skipIf(process.platform !== 'linux')('takes every process with it', async () => {
    const { url, execArgv } = entryPoint(import.meta.url, './playing.fixture');
    const run = spawn(process.execPath, [...execArgv, fileURLToPath(url)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    const children = childrenOf(run.pid ?? 0);
    // The pipeline, the reaper, and redis-server where there is one.
    expect(children.length).toBeGreaterThanOrEqual(hasRedisServer ? 3 : 2);
    run.kill('SIGKILL');
    for (let tries = 0; tries < 100 && children.some(runs); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(children.filter(runs)).toEqual([]);
  });
});

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => fieldsOf(pid)?.[1] === String(parent));
}

function runs(pid: number): boolean {
  const state = fieldsOf(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

/** State, parent and so on of /proc/<pid>/stat. */
function fieldsOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
