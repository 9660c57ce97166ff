import { Cleaner, gone } from './cleaner.ts';
import type { Codec, Encoded } from './codec.ts';
import { decode } from './decode.ts';
import { type CodecLimits, codecLimits } from './limits.ts';

/**
 * Any value to clean JSON. Looking a value through takes less time than copying it: data that is clean, as nearly
 * all is, is written by `JSON.stringify` as it stands, and of what is not only the way to it is copied.
 */
export function createCleanJsonCodec(limits: CodecLimits = codecLimits): Codec {
  return {
    name: 'clean-json/1',
    encode: (value) => encode(value, limits),
    decode: (text) => decode(text, limits),
  };
}

export const cleanJsonCodec: Codec = createCleanJsonCodec();

function encode(value: unknown, limits: CodecLimits): Encoded {
  try {
    const cleaner = new Cleaner(limits);
    const clean = cleaner.clean(value);
    return { text: clean === gone ? 'null' : JSON.stringify(clean), account: cleaner.account };
  } catch {
    // Nothing in a value leads here; a stack that was nearly full at the call does.
    return { text: 'null', account: [{ path: [], kind: 'refused', reason: 'unreadable' }] };
  }
}
