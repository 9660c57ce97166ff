import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { makeOwnedFolder, noteTenant } from '../owned-folder.ts';
import { identityOf } from '../process-identity.ts';
import { reaping } from '../reaping.ts';
import type { RedisAddress } from './address.ts';
import { versionOf } from './dial.ts';
import { type RedisServer, type RedisSource, Unavailable } from './redis-source.ts';

const readyMs = 10_000;
const attempts = 3;

/** `redis-server` of the PATH: own folder, free port, loopback; nothing is written to disk unless a case needs it. */
export const processSource: RedisSource = {
  kind: 'process',
  loses: 'a real Redis server',
  async open({ env, signal }) {
    const found = spawnSync('redis-server', ['--version'], { env, timeout: 5_000 });
    if (found.error !== undefined || found.status !== 0) {
      throw new Unavailable('no redis-server on the PATH', 'install it, e.g. apt-get install redis-server');
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return await start(env, signal);
      } catch (thrown) {
        signal?.throwIfAborted();
        // Somebody else may have taken the free port in between.
        if (attempt === attempts) throw thrown;
      }
    }
  },
};

async function start(env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<RedisServer> {
  const folder = makeOwnedFolder();
  reaping().folder(folder);
  const address: RedisAddress = {
    host: '127.0.0.1',
    port: await freePort(),
    password: randomBytes(16).toString('hex'),
    database: 0,
    tls: false,
  };
  let running = launch(env, folder, address, 'no');
  const close = async (): Promise<void> => {
    await running.kill();
    rmSync(folder, { recursive: true, force: true });
    reaping().forgetFolder(folder);
  };
  try {
    return {
      kind: 'process',
      version: await ready(address, running.exited, signal),
      address,
      owned: true,
      process: {
        stall: async (still) => running.signal(still ? 'SIGSTOP' : 'SIGCONT'),
        kill: () => running.kill(),
        start: async () => {
          running = launch(env, folder, address, 'yes');
          return address;
        },
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** A server's process that was just started. */
interface Launched {
  readonly exited: Promise<void>;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
}

function launch(
  env: NodeJS.ProcessEnv,
  folder: string,
  address: RedisAddress,
  appendOnly: 'yes' | 'no',
): Launched {
  // In a process group of its own: Ctrl-C in the terminal is for the run, which then ends its server itself.
  const server = spawn('redis-server', ['-'], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
    server.once('error', () => resolve());
  });
  server.stdin.on('error', () => {});
  // By standard input, so that the password stands in no list of processes.
  server.stdin.end(
    [
      `port ${address.port}`,
      'bind 127.0.0.1',
      'save ""',
      `appendonly ${appendOnly}`,
      'daemonize no',
      `dir ${folder}`,
      `requirepass ${address.password}`,
      '',
    ].join('\n'),
  );
  const { pid } = server;
  if (pid !== undefined) {
    reaping().process(pid);
    const identity = identityOf(pid);
    if (identity !== null) noteTenant(folder, identity);
  }
  server.unref();
  return {
    exited,
    signal: (name) => {
      server.kill(name);
    },
    kill: async () => {
      server.ref();
      server.kill('SIGKILL');
      await exited;
      if (pid !== undefined) reaping().forgetProcess(pid);
    },
  };
}

/** The version, once the server answers. */
async function ready(
  address: RedisAddress,
  exited: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<string> {
  let over = false;
  void exited.then(() => {
    over = true;
  });
  for (const until = Date.now() + readyMs; Date.now() < until; ) {
    signal?.throwIfAborted();
    if (over) break;
    try {
      return await versionOf(address, 1_000);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  throw new Unavailable(
    over
      ? 'redis-server ended as soon as it was started'
      : `redis-server did not answer within ${readyMs / 1_000} s`,
    'start redis-server by hand to see what it says',
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      server.close(() => resolve(port));
    });
  });
}
