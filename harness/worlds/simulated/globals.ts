import 'node:http';
import 'node:https';
import 'node:net';
import 'node:stream/promises';
import 'node:tls';
import 'node:zlib';
import { syncBuiltinESMExports } from 'node:module';
import { replaceClocks } from './globals/date.ts';
import { forbidWallClockSignals, registerOffThreadWork } from './globals/off-thread.ts';
import { replaceRandomness } from './globals/randomness.ts';
import { Replacements } from './globals/replacement.ts';
import { replaceTimers } from './globals/timers.ts';

/**
 * Replaces this thread's clocks, timers and dice by those of the play on stage (`globals/stage.ts`). Must
 * run before any third-party module is imported: what has taken a function out of a module keeps it.
 * Node's own modules that keep timers are loaded above, so that they have the platform's in every process.
 * Returns what puts all of it back.
 */
export function replaceGlobals(): () => void {
  const replacements = new Replacements();
  replaceClocks(replacements);
  replaceTimers(replacements);
  replaceRandomness(replacements);
  registerOffThreadWork(replacements);
  forbidWallClockSignals(replacements);
  syncBuiltinESMExports();
  return () => {
    replacements.restore();
    syncBuiltinESMExports();
  };
}
