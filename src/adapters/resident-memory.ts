import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Looks at what a process has resident, from outside: one that spins could not be asked, and one that is
 * hostile would not tell the truth. Gives what stops the looking.
 */
export function watchMemory(
  pid: number,
  bound: { readonly everyMs: number; readonly mostBytes: number; over(): void },
): () => void {
  let stopped = false;
  const judge = (bytes: number | null): void => {
    if (stopped || bytes === null || bytes <= bound.mostBytes) return;
    stop();
    bound.over();
  };
  const hasProc = existsSync('/proc/self/statm');
  const timer = setInterval(
    () => {
      if (hasProc) judge(residentBytes(pid));
      else askPs(pid, judge);
    },
    hasProc ? bound.everyMs : Math.max(bound.everyMs, psMs),
  );
  // Looking on keeps nobody alive.
  timer.unref();
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
  };
  return stop;
}

/** Bytes that a process has resident, as Linux counts them; null where there is no such process. */
export function residentBytes(pid: number): number | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return Number.isFinite(pages) ? pages * pageBytes : null;
  } catch {
    return null;
  }
}

/** What Linux counts memory in, on all machines that Node 20 is built for but a few. */
const pageBytes = 4096;

/** Where there is no /proc, a program has to be started for each look. */
const psMs = 250;

function askPs(pid: number, judge: (bytes: number | null) => void): void {
  execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, text) => {
    judge(error === null ? Number(text.trim()) * 1024 : null);
  });
}
