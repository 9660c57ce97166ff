import type { Codec } from '../../src/codec/codec.ts';

/** Plain JSON: what has no JSON form is gone, or stands there as something else, and nobody is told. */
export const droppingCodec: Codec = {
  name: 'json',
  encode: (value) => ({ text: JSON.stringify(value) ?? 'null', account: [] }),
  decode: (text) => JSON.parse(text),
};
