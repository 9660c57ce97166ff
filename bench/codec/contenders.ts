import { deserialize, serialize } from 'node:v8';
import { parse as parseDevalue, stringify as stringifyDevalue } from 'devalue';
import { parse as parseFlatted, stringify as stringifyFlatted } from 'flatted';
import { Packr } from 'msgpackr';
import { stringify as stringifySafely } from 'safe-stable-stringify';
import superjson from 'superjson';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';
import type { Alteration } from '../../src/codec/codec.ts';

declare global {
  /** devalue's types name it; the library of the oldest Node that is supported does not. */
  type Float16Array = never;
}

/** Something that carries values from one process to another, or from one day to the next. */
export interface Contender {
  readonly name: string;
  /** There and back. Peers that keep no account have an empty one. */
  carry(value: unknown): { readonly copy: unknown; readonly account: readonly Alteration[] };
  encode(value: unknown): unknown;
  /** What `encode` made, as a value again. */
  decode(encoded: never): unknown;
}

export const ours: Contender = {
  name: 'ours',
  carry: (value) => {
    const { text, account } = cleanJsonCodec.encode(value);
    JSON.parse(text); // It must be JSON to everybody, not only to its own decoder.
    return { copy: cleanJsonCodec.decode(text), account };
  },
  encode: (value) => cleanJsonCodec.encode(value).text,
  decode: (text: string) => cleanJsonCodec.decode(text),
};

export const json = peer('JSON', JSON.stringify, JSON.parse);

// Each in the configuration in which it keeps the most.
const packr = new Packr({ structuredClone: true, moreTypes: true });

/** Everything that the codec is held against, `JSON` first. */
export const peers: readonly Contender[] = [
  json,
  peer('v8.serialize', serialize, deserialize),
  peer('structuredClone', structuredClone, (value: unknown) => value),
  peer('superjson', superjson.stringify, superjson.parse),
  peer('devalue', (value) => stringifyDevalue(value), parseDevalue),
  peer('safe-stable-stringify', (value) => stringifySafely(value), JSON.parse),
  peer('flatted', (value) => stringifyFlatted(value), parseFlatted),
  peer(
    'msgpackr',
    (value) => packr.pack(value),
    (bytes: Buffer) => packr.unpack(bytes),
  ),
];

function peer<Text>(
  name: string,
  encode: (value: unknown) => Text,
  decode: (encoded: Exclude<Text, undefined>) => unknown,
): Contender {
  return {
    name,
    carry: (value) => ({ copy: decode(encode(value) as Exclude<Text, undefined>), account: [] }),
    encode,
    decode,
  };
}
