import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The version that the simulation is held against; null where the server is not on this machine. */
export function realVersion(): string | null {
  const found = spawnSync('redis-server', ['--version'], { encoding: 'utf8', timeout: 5_000 });
  return /v=([\d.]+)/.exec(found.stdout ?? '')?.[1] ?? null;
}

export interface RealServer {
  readonly path: string;
  close(): Promise<void>;
}

/** A `redis-server` of its own on a socket in a folder of its own, without anything on disk. */
export async function startRealServer(): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-redis-'));
  const path = join(folder, 'redis.sock');
  const settings = { port: '0', unixsocket: path, dir: folder, save: '', appendonly: 'no' };
  const server = spawn(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    {
      stdio: 'ignore',
    },
  );
  const stop = (): boolean => server.kill('SIGKILL');
  process.once('exit', stop);
  await answers(path, server);
  return {
    path,
    close: async () => {
      process.off('exit', stop);
      const exited = new Promise((resolve) => server.once('exit', resolve));
      stop();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(path: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + 10_000;
  while (Date.now() < until && server.exitCode === null) {
    const socket = await dial(path).catch(() => null);
    if (socket !== null) {
      socket.destroy();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('redis-server did not come up within 10 s.');
}

export function dial(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
