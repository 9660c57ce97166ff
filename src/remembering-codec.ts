import type { Codec } from './codec/codec.ts';
import type { Json } from './json.ts';

/**
 * The same codec; what it decoded has its text still, for those who store or send it later: whoever changes such a
 * value in place changes nothing for them. `encode` does not trust that text: an agent that changes in place what
 * it was given, and returns that, has its own result.
 */
export function rememberingCodec(codec: Codec): Codec {
  const texts = new WeakMap<object, string>();
  return {
    name: codec.name,
    encode: (value) => codec.encode(value),
    decode(text) {
      const value: Json = codec.decode(text);
      if (isObject(value)) texts.set(value, text);
      return value;
    },
    textOf: (value) => (isObject(value) ? texts.get(value) : undefined),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
