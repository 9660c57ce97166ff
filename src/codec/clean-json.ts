import type { Json } from '../json.ts';
import { CleanWriter } from './clean-writer.ts';
import type { Codec, Encoded } from './codec.ts';
import { isCleanData } from './is-clean-data.ts';
import { type CodecLimits, codecLimits } from './limits.ts';

/**
 * Any value to clean JSON. Data that is clean already, as nearly all is, is only looked through and then
 * written by `JSON.stringify`; everything else is written value by value, and each alteration is named.
 */
export function createCleanJsonCodec(limits: CodecLimits = codecLimits): Codec {
  return {
    name: 'clean-json/1',
    encode: (value) => encode(value, limits),
    decode: (text) => JSON.parse(text) as Json,
  };
}

export const cleanJsonCodec: Codec = createCleanJsonCodec();

function encode(value: unknown, limits: CodecLimits): Encoded {
  try {
    if (isCleanData(value, limits)) return { text: JSON.stringify(value), account: [] };
    return new CleanWriter(limits).write(value);
  } catch {
    // Nothing in a value leads here; a stack that was nearly full at the call does.
    return { text: 'null', account: [{ path: [], kind: 'refused', reason: 'unreadable' }] };
  }
}
