import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { entryPoint } from '../entry-point.ts';
import { identityOf, type ProcessIdentity } from './process-identity.ts';
import type { DockerAddress } from './redis/docker-api.ts';
import { runIdentity } from './run-identity.ts';

/** What a run tells its reaper, one JSON line each. */
export type ReaperLine =
  | { readonly do: 'process'; readonly identity: ProcessIdentity }
  | { readonly do: 'forget-process'; readonly pid: number }
  | { readonly do: 'folder' | 'forget-folder'; readonly folder: string }
  | { readonly do: 'containers'; readonly run: string; readonly docker: DockerAddress };

/** Sees to it that nothing which a run starts outlives it, not even when it is killed. */
export interface Reaping {
  /** The reaper's own process id; undefined where it could not be started. */
  readonly pid: number | undefined;
  /** From now on this process ends with the run. */
  process(pid: number): void;
  forgetProcess(pid: number): void;
  /** From now on this folder goes with the run. */
  folder(folder: string): void;
  forgetFolder(folder: string): void;
  /** From now on every container with this run's label goes with the run. */
  containers(docker: DockerAddress): void;
}

let shared: Reaping | undefined;

/** The reaper of this process: one, started when it is first needed. */
export function reaping(): Reaping {
  shared ??= startReaper();
  return shared;
}

function startReaper(): Reaping {
  const entry = entryPoint(import.meta.url, './reaper');
  // A process group of its own: Ctrl-C in the terminal must not end it before the run.
  const reaper = spawn(process.execPath, [...entry.execArgv, fileURLToPath(entry.url)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    // No secret of the run's environment lives on in it.
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, HOME: process.env.HOME },
  });
  // A reaper that cannot start or dies takes its safety net with it, nothing else.
  reaper.on('error', () => {});
  reaper.stdin.on('error', () => {});
  reaper.unref();
  (reaper.stdin as Writable & { unref?(): void }).unref?.();
  const tell = (line: ReaperLine): void => {
    if (reaper.stdin.writable) reaper.stdin.write(`${JSON.stringify(line)}\n`);
  };
  return {
    pid: reaper.pid,
    process: (pid) => {
      const identity = identityOf(pid);
      if (identity !== null) tell({ do: 'process', identity });
    },
    forgetProcess: (pid) => tell({ do: 'forget-process', pid }),
    folder: (folder) => tell({ do: 'folder', folder }),
    forgetFolder: (folder) => tell({ do: 'forget-folder', folder }),
    containers: (docker) => tell({ do: 'containers', run: runIdentity(), docker }),
  };
}
