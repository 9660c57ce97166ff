import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { realVersion } from '../../../redis/real-server.fixture.ts';
import { entryPoint } from '../../entry-point.ts';
import { dialRedis } from './dial.ts';
import { askDocker, probeDocker } from './docker-api.ts';
import { openRedis } from './open-redis.ts';

const noDocker = { PATH: process.env.PATH, DOCKER_HOST: 'tcp://127.0.0.1:1' };
const bare = { PATH: '/nowhere', DOCKER_HOST: 'tcp://127.0.0.1:1' };
const hasRedisServer = realVersion() !== null;
const silent = (): void => {};

const listening: Server[] = [];
afterEach(() => {
  for (const server of listening.splice(0)) server.close();
});

describe('asked for any Redis', () => {
  it('takes redis-server where no Docker is, and says what was lost', async (context) => {
    if (!hasRedisServer) context.skip('no redis-server on the PATH');
    const redis = await openRedis('any', { env: noDocker, progress: silent });
    try {
      expect(redis).toMatchObject({ kind: 'process', owned: true, version: expect.stringMatching(/^\d+\./) });
      expect(redis.notes).toEqual([expect.stringMatching(/^no Redis container: .*ECONNREFUSED.*; lost: /)]);
    } finally {
      await redis.close();
    }
    await expect(dialRedis(redis.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('takes the embedded one where nothing else is, with a line for each', async () => {
    const redis = await openRedis('any', { env: bare, progress: silent });
    try {
      expect(redis).toMatchObject({ kind: 'embedded', owned: true });
      expect(redis.notes.map((note) => note.split(':')[0])).toEqual([
        'no Redis container',
        'no Redis process',
      ]);
    } finally {
      await redis.close();
    }
  });
});

describe('asked for one kind, nothing else will do', () => {
  it.each([
    ['container', /no Docker daemon answers/],
    ['process', /no redis-server on the PATH/],
    ['redis://user:hunter2@127.0.0.1:1', /127\.0\.0\.1:1 cannot be used \(ECONNREFUSED\)/],
  ])('%s', async (wish, why) => {
    const refused = await openRedis(wish, { env: bare, progress: silent }).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      kind: 'environment',
      message: expect.stringMatching(why),
      remedy: expect.stringMatching(/\w/),
    });
    expect(String(refused)).not.toContain('hunter2');
  });

  it('a word that means nothing is a mistake of the user', async () => {
    await expect(openRedis('rediss', { env: bare, progress: silent })).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});

describe('a server by its URL', () => {
  it('is used with its password and database, and left as it was', async (context) => {
    if (!hasRedisServer) context.skip('no redis-server on the PATH');
    const own = await openRedis('process', { env: noDocker, progress: silent });
    try {
      const { port, password } = own.address;
      const url = `redis://:${password}@127.0.0.1:${port}/2`;
      const redis = await openRedis(url, { env: bare, progress: silent });
      expect(redis).toMatchObject({ kind: 'url', owned: false, version: own.version });
      const socket = await dialRedis(redis.address);
      socket.destroy();
      await redis.close();
      await expect(
        openRedis(`redis://127.0.0.1:${port}`, { env: bare, progress: silent }),
      ).rejects.toMatchObject({
        message: expect.stringContaining('NOAUTH'),
        remedy: expect.stringContaining('password'),
      });
      (await dialRedis(own.address)).destroy();
    } finally {
      await own.close();
    }
  });
});

describe('looking for a Docker daemon', () => {
  it('tells one that hangs, within a few seconds', async () => {
    const server = createServer(() => {});
    listening.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const probe = await probeDocker({ DOCKER_HOST: `tcp://127.0.0.1:${port}` });
    expect(probe).toMatchObject({ ok: false, why: expect.stringMatching(/hangs: no answer within 3 s/) });
  });

  it('tells an address that it does not speak', async () => {
    expect(await probeDocker({ DOCKER_HOST: 'ssh://somewhere' })).toMatchObject({
      ok: false,
      why: expect.stringContaining('DOCKER_HOST'),
    });
  });
});

describe('nothing outlives a run that is killed', () => {
  it('no redis-server, and no folder of it', async (context) => {
    if (!hasRedisServer) context.skip('no redis-server on the PATH');
    const { port, folder, kill } = await runThatHolds('process');
    expect(existsSync(folder)).toBe(true);
    await kill();
    await until(async () => !existsSync(folder) && !(await accepts(port)));
  });

  it('no container', async (context) => {
    const docker = await probeDocker(process.env);
    if (!docker.ok) {
      if (process.env.FAULTLINE_REQUIRE_CONTAINERS === '1') throw new Error(docker.why);
      context.skip(docker.why);
      return;
    }
    const { run, kill } = await runThatHolds('container');
    const containers = async (): Promise<number> => {
      const filters = encodeURIComponent(JSON.stringify({ label: [`dev.faultline.run=${run}`] }));
      const path = `/containers/json?all=true&filters=${filters}`;
      return JSON.parse((await askDocker(docker.address, 'GET', path, { timeoutMs: 5_000 })).text).length;
    };
    expect(await containers()).toBe(1);
    await kill();
    await until(async () => (await containers()) === 0);
  });

  it('and what a killed reaper left is swept by the next run', async (context) => {
    if (!hasRedisServer) context.skip('no redis-server on the PATH');
    const { port, folder, kill, killReaper } = await runThatHolds('process');
    killReaper();
    await kill();
    await until(async () => await accepts(port));
    await (await openRedis('embedded', { env: bare, progress: silent })).close();
    await until(async () => !existsSync(folder) && !(await accepts(port)));
  });
});

/** A run of its own process that opens a Redis and holds it until it is killed. */
async function runThatHolds(wish: string): Promise<{
  port: number;
  run: string;
  folder: string;
  kill: () => Promise<unknown>;
  killReaper: () => void;
}> {
  const { url, execArgv } = entryPoint(import.meta.url, './holder.fixture');
  const child = spawn(process.execPath, [...execArgv, fileURLToPath(url), wish], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
  const { port, run, folder, reaper } = JSON.parse(line);
  return {
    port,
    run,
    folder,
    kill: () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      return gone;
    },
    killReaper: () => process.kill(reaper, 'SIGKILL'),
  };
}

async function accepts(port: number): Promise<boolean> {
  const address = { host: '127.0.0.1', port, database: 0, tls: false };
  return dialRedis(address).then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect.fail('it never came');
}
