import { createHmac, KeyObject, timingSafeEqual, type webcrypto } from 'node:crypto';
import { types } from 'node:util';
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
      if (onStage.play === null) return method.apply(subtle, args);
      const here = name === 'verify' ? verifiedHere(args) : null;
      return here ?? onStage.play.kernel.offThread(method.apply(subtle, args));
    });
  }
}

/**
 * An HMAC checked in this thread, with the same outcome: a trip through the thread pool costs a play more
 * than all else that a connection does. Null for anything but a plain HMAC check with a key that may do it.
 */
function verifiedHere([algorithm, key, signature, data]: readonly unknown[]): Promise<boolean> | null {
  const name = typeof algorithm === 'string' ? algorithm : (algorithm as { name?: unknown } | null)?.name;
  if (name !== 'HMAC' || !types.isCryptoKey(key)) return null;
  const { algorithm: made, usages } = key;
  const hash = made.name === 'HMAC' ? (made as webcrypto.HmacKeyAlgorithm).hash.name : '';
  if (!hash.startsWith('SHA-') || !usages.includes('verify')) return null;
  if (!(signature instanceof Uint8Array) || !(data instanceof Uint8Array)) return null;
  const expected = createHmac(hash.replace('-', ''), KeyObject.from(key)).update(data).digest();
  return Promise.resolve(expected.length === signature.length && timingSafeEqual(expected, signature));
}

/** `AbortSignal.timeout` reads the wall clock and no replacement can change that: it is refused. */
export function forbidWallClockSignals(replacements: Replacements): void {
  replacements.set(AbortSignal, 'timeout', () => {
    throw new Error(
      'AbortSignal.timeout follows the wall clock, which a simulation does not have: use the clock port and an AbortController.',
    );
  });
}
