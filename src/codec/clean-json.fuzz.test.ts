import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanJsonCodec, createCleanJsonCodec } from './clean-json.ts';
import type { Path } from './codec.ts';
import { DecodeRefusal } from './decode.ts';
import { codecLimits } from './limits.ts';
import { built, gone, pieces, property } from './strange-values.fixture.ts';

const pollution = () =>
  [Object.prototype, Array.prototype, Map.prototype].map((each) => Reflect.ownKeys(each).length);

describe('any value, of any make', () => {
  const { value: anything } = pieces;

  it('becomes the clean twin that was made beside it, and the account names what differs and nothing else', () => {
    const before = pollution();
    fc.assert(
      fc.property(anything, (piece) => {
        const { value, twin, names, touched } = built(piece);
        const { text, account } = cleanJsonCodec.encode(value);
        expect(account.map(({ kind, path }) => `${kind} ${JSON.stringify(path)}`).sort()).toEqual(
          names.sort(),
        );
        expect(isDeepStrictEqual(JSON.parse(text), twin === gone ? null : twin), text).toBe(true);
        expect(touched()).toBe(0);
      }),
      { numRuns: 3_000 },
    );
    expect(pollution()).toEqual(before);
  });

  it('spoils nothing beside it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anything, fc.jsonValue(), (before, piece, after) => {
        const clean = JSON.parse(JSON.stringify({ before, after }));
        const { value } = built(piece);
        const data = JSON.parse(
          cleanJsonCodec.encode({ before: clean.before, value, after: clean.after }).text,
        );
        expect(isDeepStrictEqual({ before: data.before, after: data.after }, clean)).toBe(true);
      }),
    );
  });

  it('gives no more text and no longer an account than the limits allow', () => {
    const limits = { ...codecLimits, depthMax: 4, valuesMax: 20, textMax: 50, alterationsMax: 5 };
    const small = createCleanJsonCodec(limits);
    fc.assert(
      fc.property(fc.array(anything), (several) => {
        const { text, account } = small.encode(several.map((piece) => built(piece).value));
        // A value takes up to 24 characters as a number and four of punctuation, a character up to six.
        expect(text.length).toBeLessThanOrEqual(28 * limits.valuesMax + 6 * limits.textMax);
        expect(account.length).toBeLessThanOrEqual(limits.alterationsMax + 1);
        const data = JSON.parse(text);
        expect(deepest(data)).toBeLessThanOrEqual(limits.depthMax);
        expect(count(data)).toBeLessThanOrEqual(limits.valuesMax);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is cut where the limits say so, and every difference is named there or above', () => {
    const small = createCleanJsonCodec({ ...codecLimits, depthMax: 3, valuesMax: 30, textMax: 40 });
    fc.assert(
      fc.property(anything, (piece) => {
        const { value, twin } = built(piece);
        const { text, account } = small.encode(value);
        const cuts = account.filter(({ kind }) => kind === 'cut').map(({ path }) => path);
        const data: unknown = JSON.parse(text);
        for (const path of differences(twin === gone ? null : twin, data, [])) {
          expect(
            cuts.some((cut) => cut.every((step, index) => step === path[index])),
            JSON.stringify(path),
          ).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('any text', () => {
  const encodings = pieces.value.map((piece) => cleanJsonCodec.encode(built(piece).value).text);
  const mutated = fc
    .tuple(
      encodings,
      fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...'[]{}",:\\0e-nu\u0000\ud800')), {
        minLength: 1,
        maxLength: 8,
      }),
    )
    .map(([text, changes]) =>
      changes.reduce((changed, [at, remove, add]) => {
        const place = at % (changed.length + 1);
        return changed.slice(0, place) + add + changed.slice(place + remove);
      }, text),
    );
  const deep = fc
    .tuple(fc.nat(600), fc.constantFrom('[', '{"a":', '[0,', '{"]":"[","b":'))
    .map(([depth, open]) => `${open.repeat(depth)}1${(open.startsWith('[') ? ']' : '}').repeat(depth)}`);

  it('is data as JSON has it, or refused by name', () => {
    const before = pollution();
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), encodings, mutated, deep), (text) => {
        const expected = parsed(text);
        const found = decoded(text);
        if (expected === gone) expect(found).toBe('not-json');
        else if (deepest(expected) > codecLimits.decodedDepthMax) expect(found).toBe('too-deep');
        else expect(isDeepStrictEqual(found, [expected])).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(pollution()).toEqual(before);
  });

  it('longer than the limit is not parsed', () => {
    const small = createCleanJsonCodec({ ...codecLimits, decodedTextMax: 3 });
    expect(small.decode('123')).toBe(123);
    expect(() => small.decode('1234')).toThrow(new DecodeRefusal('too-long'));
  });

  it('that encode wrote is always taken, in what the keeper puts around it too', () => {
    let deep: unknown = 'x';
    for (let depth = 0; depth < codecLimits.depthMax; depth++) deep = depth % 2 ? [deep] : { deep };
    const { text, account } = cleanJsonCodec.encode(deep);
    expect(account).toEqual([]);
    expect(cleanJsonCodec.decode(`{"v":1,"outcome":{"data":${text}}}`)).toEqual({
      v: 1,
      outcome: { data: deep },
    });
  });
});

function decoded(text: string): unknown {
  try {
    return [cleanJsonCodec.decode(text)];
  } catch (thrown) {
    if (thrown instanceof DecodeRefusal) return thrown.code;
    throw thrown;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return gone;
  }
}

function deepest(data: unknown): number {
  if (typeof data !== 'object' || data === null) return 0;
  return 1 + Math.max(0, ...Object.values(data).map(deepest));
}

function count(data: unknown): number {
  if (typeof data !== 'object' || data === null) return 1;
  return Object.values(data).reduce((sum: number, item) => sum + count(item), 1);
}

/** The highest places at which the data is not as in the twin. */
function differences(twin: unknown, data: unknown, path: Path): Path[] {
  if (typeof twin !== 'object' || twin === null || typeof data !== 'object' || data === null) {
    return Object.is(twin, data) ? [] : [path];
  }
  const places = Array.isArray(twin)
    ? [...twin.keys()]
    : [...new Set([...Object.keys(twin), ...Object.keys(data)])];
  return places.flatMap((step) => {
    const next = [...path, step];
    if (!Object.hasOwn(data, step) || !Object.hasOwn(twin, step)) return [next];
    return differences(property(twin, step), property(data, step), next);
  });
}
