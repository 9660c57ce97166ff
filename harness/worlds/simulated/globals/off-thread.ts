import type { Replacements } from './replacement.ts';
import { onStage } from './stage.ts';

const subtleMethods = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'digest',
  'generateKey',
  'deriveKey',
  'deriveBits',
  'importKey',
  'exportKey',
  'wrapKey',
  'unwrapKey',
] as const;

/** WebCrypto works off the thread: each of its promises is told to the kernel, which waits for it. */
export function registerOffThreadWork(replacements: Replacements): void {
  const { subtle } = globalThis.crypto;
  for (const name of subtleMethods) {
    const method = subtle[name] as (...args: unknown[]) => Promise<unknown>;
    replacements.set(subtle, name, (...args: unknown[]): Promise<unknown> => {
      const promise = method.apply(subtle, args);
      return onStage.play === null ? promise : onStage.play.kernel.offThread(promise);
    });
  }
}

/** `AbortSignal.timeout` reads the wall clock and no replacement can change that: it is refused. */
export function forbidWallClockSignals(replacements: Replacements): void {
  replacements.set(AbortSignal, 'timeout', () => {
    throw new Error(
      'AbortSignal.timeout follows the wall clock, which a simulation does not have: use the clock port and an AbortController.',
    );
  });
}
