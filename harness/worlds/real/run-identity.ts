import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { identityOf, isAlive } from './process-identity.ts';

/** Labels on every container that a run starts: who it belongs to, and on which machine that process is. */
export const runLabel = 'dev.faultline.run';
export const machineLabel = 'dev.faultline.machine';

/** `<pid>-<start time>` of this process: names its containers and folders, and is never reused. */
export function runIdentity(): string {
  const self = identityOf(process.pid);
  return `${process.pid}-${self?.started ?? '0'}`;
}

/** Whether the process that a run's name stands for is gone. Unreadable names count as alive: not ours to end. */
export function runIsOver(run: string): boolean {
  const [, pid, started] = /^(\d+)-(\d+)$/.exec(run) ?? [];
  if (pid === undefined || started === undefined || started === '0') return false;
  return !isAlive({ pid: Number(pid), started });
}

/** This machine (or container, or boot) as far as process ids mean something. */
export function machineIdentity(): string {
  try {
    return `${hostname()}/${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return hostname();
  }
}
