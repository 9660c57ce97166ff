import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Room, RoomBounds, RoomHears, Rooms } from '../execution/places/rooms.ts';
import { LineReader } from './line-reader.ts';
import { watchMemory } from './resident-memory.ts';

/** The machine's threads and processes. Of `execArgv`, absent: this process's own, they get what loads code. */
export function systemRooms(execArgv: readonly string[] = process.execArgv): Rooms {
  const loading = loadingFlags(execArgv);
  return {
    open: (kind, bounds, hears) =>
      kind === 'worker' ? openThread(loading, bounds, hears) : openProcess(loading, bounds, hears),
  };
}

const switches = [
  '--experimental-import-meta-resolve',
  '--experimental-strip-types',
  '--experimental-transform-types',
  '--preserve-symlinks',
];
const withValue = ['--conditions', '-C', '--experimental-loader', '--import', '--loader', '--require', '-r'];

/**
 * All other flags are the gateway's own: `--env-file` would tell agents its secrets, and a thread refuses
 * to start with some.
 */
function loadingFlags(execArgv: readonly string[]): string[] {
  return execArgv.filter((flag, place) => {
    const name = flag.split('=', 1)[0] ?? '';
    const before = execArgv[place - 1] ?? '';
    return switches.includes(flag) || withValue.includes(name) || withValue.includes(before);
  });
}

/** The built file beside this one, or its source. */
function entry(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}

const mebibyte = 1024 * 1024;

function openThread(execArgv: readonly string[], bounds: RoomBounds, hears: RoomHears): Room {
  const worker = new Worker(entry('room-thread'), {
    execArgv: [...execArgv],
    // What the gateway knows is not for agents.
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(bounds.memoryBytes / mebibyte) },
  });
  // Nobody reads what an agent prints, and it must not wait in memory for anybody.
  worker.stdout.resume();
  worker.stderr.resume();
  const told = once(hears);
  let code: string | null = null;
  worker.on('message', (text) => {
    if (typeof text !== 'string') return;
    if (text.length > bounds.messageBytes) {
      void worker.terminate();
      told.gone({ by: 'flood' });
    } else told.heard(text);
  });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error?.code === 'ERR_WORKER_OUT_OF_MEMORY') told.gone({ by: 'memory' });
    else code = 'uncaught';
  });
  worker.on('exit', (exitCode) => told.gone({ by: 'exit', code: code ?? String(exitCode) }));
  return {
    tell: (text) => worker.postMessage(text),
    end() {
      told.silence();
      void worker.terminate();
    },
  };
}

/** How often a process is looked at, ms: what it can take meanwhile is beyond its bound. */
const watchMs = 25;

function openProcess(execArgv: readonly string[], bounds: RoomBounds, hears: RoomHears): Room {
  const heapMiB = Math.ceil(bounds.memoryBytes / mebibyte);
  const child = spawn(
    process.execPath,
    [...execArgv, `--max-old-space-size=${heapMiB}`, fileURLToPath(entry('room-process'))],
    { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const told = once(hears);
  // Before anything else: an error that finds nobody listening ends the gateway.
  child.on('error', () => told.gone({ by: 'exit', code: 'SPAWN_FAILED' }));
  const stdio = child.stdio as unknown as
    | [null, null, null, NodeJS.WritableStream, NodeJS.ReadableStream]
    | undefined;
  // Where descriptors have run out there is no process and no pipe, and the error is told on the next tick.
  if (stdio === undefined) return { tell: () => {}, end: () => told.silence() };
  const [, , , into, outOf] = stdio;
  const kill = (): void => {
    stopWatching();
    child.kill('SIGKILL');
  };
  const over = (by: 'memory' | 'flood'): void => {
    kill();
    told.gone({ by });
  };
  const stopWatching =
    child.pid === undefined
      ? () => {}
      : watchMemory(child.pid, {
          everyMs: watchMs,
          mostBytes: bounds.memoryBytes,
          over: () => over('memory'),
        });
  const reader = new LineReader(bounds.messageBytes, {
    line: (text) => told.heard(text),
    tooLong: () => over('flood'),
  });
  outOf.on('data', (bytes: Buffer) => reader.take(bytes));
  // A pipe to a process that is gone breaks; that it is gone is told below.
  into.on('error', () => {});
  outOf.on('error', () => {});
  // `close` comes after the last of what it said.
  child.once('close', (exitCode, signal) => {
    stopWatching();
    // The engine ends a process whose heap is full with SIGABRT; nothing of ours does.
    if (signal === 'SIGABRT' || exitCode === 134) told.gone({ by: 'memory' });
    else told.gone({ by: 'exit', code: signal ?? String(exitCode) });
  });
  return {
    tell: (text) => into.write(`${text}\n`),
    end() {
      told.silence();
      kill();
    },
  };
}

/** The end is told once, and nothing after it. */
function once(hears: RoomHears): RoomHears & { silence(): void } {
  let isOver = false;
  return {
    heard: (text) => {
      if (!isOver) hears.heard(text);
    },
    gone: (why) => {
      if (isOver) return;
      isOver = true;
      hears.gone(why);
    },
    silence: () => {
      isOver = true;
    },
  };
}
