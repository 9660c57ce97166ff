import { createHmac, timingSafeEqual, type webcrypto } from 'node:crypto';
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
  const secrets = new HmacSecrets();
  for (const name of subtleMethods) {
    const method = subtle[name] as (...args: unknown[]) => Promise<unknown>;
    replacements.set(subtle, name, (...args: unknown[]): Promise<unknown> => {
      const here = name === 'verify' ? secrets.verify(args) : null;
      if (here !== null) return here;
      const promise = method.apply(subtle, args);
      if (name === 'importKey') secrets.watch(args, promise);
      return onStage.play === null ? promise : onStage.play.kernel.offThread(promise);
    });
  }
}

/**
 * Checks HMACs in this thread, with the same outcome: a trip through the thread pool costs a play more than
 * all else that a connection does. WebCrypto keeps a key's bytes to itself, so they are kept at its import.
 */
class HmacSecrets {
  readonly #secrets = new WeakMap<object, Uint8Array>();

  watch([format, bytes]: readonly unknown[], imported: Promise<unknown>): void {
    if (format !== 'raw' || !(bytes instanceof Uint8Array)) return;
    const secret = Uint8Array.from(bytes);
    imported.then(
      (key) => this.#secrets.set(key as object, secret),
      () => undefined,
    );
  }

  /** Null for anything but a plain check with a known key that may do it. */
  verify([algorithm, key, signature, data]: readonly unknown[]): Promise<boolean> | null {
    const secret = typeof key === 'object' && key !== null ? this.#secrets.get(key) : undefined;
    const name = typeof algorithm === 'string' ? algorithm : (algorithm as { name?: unknown } | null)?.name;
    if (secret === undefined || name !== 'HMAC') return null;
    const { algorithm: made, usages } = key as webcrypto.CryptoKey;
    const hash = made.name === 'HMAC' ? (made as webcrypto.HmacKeyAlgorithm).hash.name : '';
    if (!hash.startsWith('SHA-') || !usages.includes('verify')) return null;
    if (!(signature instanceof Uint8Array) || !(data instanceof Uint8Array)) return null;
    const expected = createHmac(hash.replace('-', ''), secret).update(data).digest();
    return Promise.resolve(expected.length === signature.length && timingSafeEqual(expected, signature));
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
