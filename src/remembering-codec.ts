import type { Codec } from './codec/codec.ts';
import type { Json } from './json.ts';

/**
 * The same codec; what it decoded is not encoded again but has its text still. Whoever changes such a value
 * in place changes nothing for those who store or send it later.
 */
export function rememberingCodec(codec: Codec): Codec {
  const texts = new WeakMap<object, string>();
  return {
    name: codec.name,
    encode(value) {
      const text = isObject(value) ? texts.get(value) : undefined;
      return text === undefined ? codec.encode(value) : { text, account: [] };
    },
    decode(text) {
      const value: Json = codec.decode(text);
      if (isObject(value)) texts.set(value, text);
      return value;
    },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
