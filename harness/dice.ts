/**
 * Seeded dice keyed by name. What is drawn for one name depends on seed and name alone, so that removing
 * one thing from a case does not reshuffle the rest.
 */

/** A 32-bit hash of text, mixed with a seed (FNV-1a, then the finaliser of MurmurHash3). */
export function hash32(seed: number, text: string): number {
  return finished(mixed(begun(seed), text));
}

function begun(seed: number): number {
  return (0x811c9dc5 ^ seed) >>> 0;
}

function mixed(hash: number, text: string): number {
  let h = hash;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  return h;
}

function finished(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A number in [0, 1) for this seed and name. */
export function rollFor(seed: number, name: string): number {
  return hash32(seed, name) / 0x1_0000_0000;
}

/** Letters and digits for this seed and name, e.g. a value that only the model can know. */
export function tokenFor(seed: number, name: string, length = 12): string {
  // Of `<name>/<part>`, but the name is gone through once.
  const named = mixed(begun(seed), name);
  let token = '';
  for (let part = 0; token.length < length; part++) token += finished(mixed(named, `/${part}`)).toString(36);
  return token.slice(0, length);
}
