import type { Json } from '../json.ts';
import type { CodecLimits } from './limits.ts';

/** Text that is not decoded, because it cannot be what `encode` wrote. */
export class DecodeRefusal extends Error {
  override readonly name = 'DecodeRefusal';
  readonly code: DecodeRefusalCode;

  constructor(code: DecodeRefusalCode) {
    super(meanings[code]);
    this.code = code;
  }
}

export type DecodeRefusalCode = keyof typeof meanings;

const meanings = {
  'not-json': 'the text is not JSON',
  'too-long': 'the text is longer than the limit',
  'too-deep': 'the text holds containers inside more containers than the limit',
} as const;

/** Text as data. Throws a DecodeRefusal, and nothing else, whatever the text. */
export function decode(text: string, limits: CodecLimits): Json {
  if (typeof text !== 'string') throw new DecodeRefusal('not-json');
  if (text.length > limits.decodedTextMax) throw new DecodeRefusal('too-long');
  const data = parse(text);
  // The engine parses any depth, but whoever walks what is very deep runs out of stack.
  if (mayBeDeeper(text, limits.decodedDepthMax) && isDeeper(data, limits.decodedDepthMax)) {
    throw new DecodeRefusal('too-deep');
  }
  return data;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new DecodeRefusal('not-json');
  }
}

/** False for text with so few brackets that it cannot be deep: cheaper than to look. */
function mayBeDeeper(text: string, depth: number): boolean {
  let left = depth;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  }
  return false;
}

function isDeeper(data: Json, depth: number): boolean {
  if (typeof data !== 'object' || data === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(data)) {
    for (let place = 0; place < data.length; place++) {
      const item = data[place] as Json;
      if (typeof item === 'object' && isDeeper(item, depth - 1)) return true;
    }
    return false;
  }
  // What was parsed has no prototype but that of plain objects, of which nothing is enumerable.
  for (const key in data) {
    const item = data[key] as Json;
    if (typeof item === 'object' && isDeeper(item, depth - 1)) return true;
  }
  return false;
}
