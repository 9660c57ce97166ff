import { constants, runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { cleanJsonCodec, createCleanJsonCodec } from './clean-json.ts';
import type { Alteration, Path } from './codec.ts';
import { codecLimits } from './limits.ts';

/** The data that comes back, and the account as lines `kind path reason`. */
function through(value: unknown, codec = cleanJsonCodec) {
  const { text, account } = codec.encode(value);
  return { data: codec.decode(text), account: account.map(line) };
}

function line({ kind, path, reason }: Alteration): string {
  return `${kind} ${path.join('.')}: ${reason}`;
}

class Invoice {
  total = 5;
  lines = [1, 2];
  get tax() {
    throw new Error('must not run');
  }
}

// The test runner puts an object of its own where a module is imported in the usual way.
const someModule: unknown = await runInThisContext("import('node:path')", {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const cycle: Record<string, unknown> = { a: 1 };
cycle.again = cycle;
const proxy = Proxy.revocable({ a: 1 }, {});
proxy.revoke();
const trapped = new Proxy(
  {},
  {
    get: mustNotRun,
    ownKeys: mustNotRun,
    getPrototypeOf: mustNotRun,
    getOwnPropertyDescriptor: mustNotRun,
  },
);
const withProxyAbove = Object.setPrototypeOf({ a: 1 }, trapped) as object;
const withOwnPrototypeKey: unknown = JSON.parse('{"__proto__":{"polluted":true},"a":1}');
const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const detachedNumbers = new Float64Array(1);
structuredClone(detachedNumbers.buffer, { transfer: [detachedNumbers.buffer] });

function mustNotRun(): never {
  throw new Error('foreign code ran');
}

describe('each kind of value', () => {
  // what, value at `x`, what `x` becomes (`gone`: the key is left out), account
  const gone = Symbol('gone');
  const table: [string, unknown, unknown, string[]][] = [
    ['function', () => 1, gone, ['lost x: function']],
    ['async function', async () => 1, gone, ['lost x: function']],
    ['class', Invoice, gone, ['lost x: function']],
    ['bound function', mustNotRun.bind(null), gone, ['lost x: function']],
    ['function behind a proxy', new Proxy(mustNotRun, {}), gone, ['lost x: function']],
    ['symbol', Symbol('s'), gone, ['lost x: symbol']],
    ['undefined', undefined, gone, ['lost x: undefined']],
    ['module namespace', someModule, gone, ['lost x: module namespace']],
    ['weak reference', new WeakRef({}), gone, ['lost x: weak reference']],
    ['weak map', new WeakMap(), gone, ['lost x: weak map']],
    ['promise', Promise.resolve(1), gone, ['lost x: promise']],
    ['generator', (function* () {})(), gone, ['lost x: generator']],
    ['iterator', new Map().entries(), gone, ['lost x: iterator']],
    ['array buffer', Uint8Array.of(1, 2).buffer, 'AQI=', ['changed x: array buffer']],
    ['data view', new DataView(Uint8Array.of(9, 1, 2).buffer, 1), 'AQI=', ['changed x: data view']],
    ['shared memory', new SharedArrayBuffer(2), gone, ['lost x: shared memory']],
    ['proxy', trapped, gone, ['refused x: proxy']],
    ['revoked proxy', proxy.proxy, gone, ['refused x: proxy']],
    ['proxy of an array', new Proxy([1], {}), gone, ['refused x: proxy']],
    ['detached bytes', detached, gone, ['refused x: unreadable']],
    ['detached numbers', detachedNumbers, gone, ['refused x: unreadable']],
    ['cycle', cycle, { a: 1 }, ['refused x.again: cycle']],
    ['bigint', 12345678901234567890n, '12345678901234567890', ['changed x: bigint']],
    ['not a number', Number.NaN, null, ['changed x: not a number']],
    ['infinity', Number.POSITIVE_INFINITY, null, ['changed x: infinity']],
    ['minus infinity', Number.NEGATIVE_INFINITY, null, ['changed x: minus infinity']],
    ['negative zero', -0, 0, ['changed x: negative zero']],
    [
      'map',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, mustNotRun],
      ]),
      [
        ['a', 1],
        [{ k: 1 }, null],
      ],
      ['changed x: map', 'lost x.1.1: function'],
    ],
    ['set', new Set([1, Number.NaN]), [1, null], ['changed x: set', 'changed x.1: not a number']],
    ['date', new Date(0), '1970-01-01T00:00:00.000Z', ['changed x: date']],
    ['invalid date', new Date(Number.NaN), null, ['changed x: invalid date']],
    ['regular expression', /a+/dgimsuy, '/a+/dgimsuy', ['changed x: regular expression']],
    [
      'regular expression in use',
      Object.assign(/a/g, { lastIndex: 3 }),
      '/a/g',
      ['lost x.lastIndex: property of a regular expression', 'changed x: regular expression'],
    ],
    ['address', new URL('https://a.example/b?c=d#e'), 'https://a.example/b?c=d#e', ['changed x: address']],
    [
      'error with a cause, a code and more',
      Object.assign(new TypeError('outer', { cause: new Error('inner', { cause: mustNotRun }) }), {
        code: 'E1',
      }),
      { name: 'TypeError', message: 'outer', cause: { name: 'Error', message: 'inner' }, code: 'E1' },
      ['changed x: error', 'changed x.cause: error', 'lost x.cause.cause: function'],
    ],
    [
      'error of several',
      new AggregateError([new Error('one'), 2], 'all'),
      { name: 'AggregateError', message: 'all', errors: [{ name: 'Error', message: 'one' }, 2] },
      ['changed x: error', 'changed x.errors.0: error'],
    ],
    [
      'error with accessors',
      Object.defineProperty(new Error('no'), 'message', { get: mustNotRun }),
      { name: 'Error' },
      ['changed x: error', 'refused x.message: accessor'],
    ],
    ['error', new RangeError('no'), { name: 'RangeError', message: 'no' }, ['changed x: error']],
    [
      'typed array',
      new Float64Array([1, Number.NaN]),
      [1, null],
      ['changed x: Float64Array', 'changed x.1: not a number'],
    ],
    ['bytes', Buffer.from('hi'), 'aGk=', ['changed x: Uint8Array']],
    ['window on bytes', Uint8Array.of(9, 1, 2, 9).subarray(1, 3), 'AQI=', ['changed x: Uint8Array']],
    ['boxed number', Object(5), 5, ['changed x: boxed value']],
    ['boxed text', Object('five'), 'five', ['changed x: boxed value']],
    [
      'boxed text with a property',
      Object.assign(Object('ab'), { p: 1 }),
      'ab',
      ['lost x.p: property of a boxed value', 'changed x: boxed value'],
    ],
    ['boxed symbol', Object(Symbol('s')), gone, ['lost x: symbol']],
    ['boxed bigint', Object(5n), '5', ['changed x: boxed value', 'changed x: bigint']],
    ['class instance', new Invoice(), { total: 5, lines: [1, 2] }, ['changed x: instance of Invoice']],
    [
      'list of a class of its own',
      new (class Rows extends Array {})(2).fill(1),
      [1, 1],
      ['changed x: instance of Rows'],
    ],
    ['object below a proxy', withProxyAbove, { a: 1 }, ['changed x: instance of anonymous']],
    [
      'date that looks plain',
      Object.setPrototypeOf(new Date(0), null),
      '1970-01-01T00:00:00.000Z',
      ['changed x: date'],
    ],
    [
      'map that looks plain',
      Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype),
      [[1, 2]],
      ['changed x: map'],
    ],
    [
      'map with a property',
      Object.assign(new Map(), { p: 1 }),
      [],
      ['changed x: map', 'lost x.p: property of a map'],
    ],
    ['hole', Object.assign(Array(3), { 0: 1, 2: 3 }), [1, null, 3], ['lost x.1: hole']],
    [
      'hole and a property',
      Object.assign(Array(2), { 0: 1, p: 1 }),
      [1, null],
      ['lost x.1: hole', 'lost x.p: property of an array'],
    ],
    [
      'list with a toJSON',
      Object.defineProperty([1], 'toJSON', { value: mustNotRun, enumerable: true }),
      [1],
      ['lost x.toJSON: property of an array'],
    ],
    [
      'list with a symbol',
      Object.assign([1], { [Symbol('k')]: 1 }),
      [1],
      ['lost x.Symbol(k): property of an array'],
    ],
    ['list with a property', Object.assign([1], { p: 1 }), [1], ['lost x.p: property of an array']],
    ['symbol key', { [Symbol('k')]: 1, a: 1 }, { a: 1 }, ['lost x.Symbol(k): symbol key']],
    [
      'hidden property',
      Object.defineProperty({ a: 1 }, 'b', { value: 1 }),
      { a: 1 },
      ['lost x.b: hidden property'],
    ],
    [
      'throwing getter',
      {
        a: 1,
        get b() {
          return mustNotRun();
        },
      },
      { a: 1 },
      ['refused x.b: accessor'],
    ],
    ['setter', { a: 1, set b(_: number) {} }, { a: 1 }, ['refused x.b: accessor']],
    [
      'getter in a list',
      Object.defineProperty([1, 2], 0, { get: mustNotRun, enumerable: true }),
      [null, 2],
      ['refused x.0: accessor'],
    ],
    ['hostile toJSON', { a: 1, toJSON: mustNotRun }, { a: 1 }, ['lost x.toJSON: function']],
    ['lying toJSON', { a: 1, toJSON: () => 'something else' }, { a: 1 }, ['lost x.toJSON: function']],
    [
      'lying tag',
      { a: 1, [Symbol.toStringTag]: 'Map' },
      { a: 1 },
      ['lost x.Symbol(Symbol.toStringTag): symbol key'],
    ],
  ];

  it.each(table)('%s', (_, value, becomes, account) => {
    const { data, account: named } = through({ before: [1, 'b'], x: value, after: { c: null } });
    const rest = { before: [1, 'b'], after: { c: null } };
    expect(data).toEqual(becomes === gone ? rest : { ...rest, x: becomes });
    expect(named).toEqual(account);
  });

  it.each(table)('%s in a list leaves its place', (_, value, becomes) => {
    expect(through([1, value, 2]).data).toEqual([1, becomes === gone ? null : becomes, 2]);
  });

  it('that is no data, as the whole', () => {
    expect(through(mustNotRun)).toEqual({ data: null, account: ['lost : function'] });
    expect(through(undefined)).toEqual({ data: null, account: ['lost : undefined'] });
  });

  it('keeps what is plain as it was, beside poison too', () => {
    const data = JSON.parse('{"b":[],"10":{},"2":"\\ud800","":-1.5e300,"n":null}');
    expect(cleanJsonCodec.encode(data)).toEqual({ text: JSON.stringify(data), account: [] });
    expect(cleanJsonCodec.encode({ data, f: mustNotRun }).text).toBe(JSON.stringify({ data }));
  });

  it('named __proto__ is data like any other, and changes no prototype', () => {
    for (const value of [withOwnPrototypeKey, { inner: withOwnPrototypeKey, f: mustNotRun }]) {
      expect(cleanJsonCodec.encode(value).text).toContain('{"__proto__":{"polluted":true},"a":1}');
    }
    expect('polluted' in {}).toBe(false);
  });

  it('shared but not in a cycle is written wherever it is', () => {
    const shared = { a: [1] };
    expect(through([shared, shared, { shared }])).toEqual({
      data: [{ a: [1] }, { a: [1] }, { shared: { a: [1] } }],
      account: [],
    });
  });

  it('is not asked by a toJSON that somebody hung on a built-in prototype', () => {
    const meddled = Object.prototype as { toJSON?: unknown };
    meddled.toJSON = () => 'meddled';
    try {
      expect(cleanJsonCodec.encode({ a: [1] }).text).toBe('{"a":[1]}');
    } finally {
      delete meddled.toJSON;
    }
  });
});

it('a `toJSON` out of sight on a list is not called', () => {
  const hiding = (property: PropertyDescriptor) => Object.defineProperty([1, 2], 'toJSON', property);
  expect(through({ a: hiding({ value: mustNotRun }), b: hiding({ get: mustNotRun }) })).toEqual({
    data: { a: [1, 2], b: [1, 2] },
    account: ['lost a.toJSON: property of an array', 'refused b.toJSON: accessor'],
  });
});

it('text that is to be written as it is, where the engine has it, is the object that it looks like', () => {
  const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };
  const raw = rawJSON?.('12345678901234567890') ?? { rawJSON: '12345678901234567890' };
  expect(through([raw])).toEqual({ data: [{ rawJSON: '12345678901234567890' }], account: [] });
});

describe('limits', () => {
  const small = createCleanJsonCodec({
    ...codecLimits,
    depthMax: 3,
    valuesMax: 10,
    textMax: 20,
    alterationsMax: 4,
  });

  it('on depth', () => {
    expect(through([[['ok']]], small)).toEqual({ data: [[['ok']]], account: [] });
    expect(through([[[['deep'], 1]]], small)).toEqual({
      data: [[[null, 1]]],
      account: ['cut 0.0.0: too deep'],
    });
  });

  it('on the number of values', () => {
    expect(through(Array(9).fill(0), small).account).toEqual([]);
    expect(through(Array(20).fill(0), small)).toEqual({
      data: Array(9).fill(0),
      account: ['cut : too many values'],
    });
  });

  it('on text', () => {
    expect(through({ a: 'x'.repeat(30), b: 1 }, small)).toEqual({
      data: { b: 1 },
      account: ['cut a: too much text'],
    });
  });

  it('on the account, which stays complete by naming the root', () => {
    const { account } = through(
      [mustNotRun, mustNotRun, mustNotRun, mustNotRun, mustNotRun, mustNotRun],
      small,
    );
    expect(account).toHaveLength(5);
    expect(account.at(-1)).toBe('cut : too many alterations');
  });

  it('hold against lists that claim to be endless, deep nesting and lattices', () => {
    expect(cleanJsonCodec.encode(new Array(4_000_000_000)).text.length).toBeLessThan(
      codecLimits.valuesMax * 5 + 2,
    );
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(cleanJsonCodec.encode(deep).account).toEqual([
      { path: Array(codecLimits.depthMax).fill(0), kind: 'cut', reason: 'too deep' },
    ]);
    let lattice: unknown = 1;
    for (let level = 0; level < 60; level++) lattice = { left: lattice, right: lattice };
    expect(cleanJsonCodec.encode(lattice).account.length).toBeGreaterThan(0);
    const long = cleanJsonCodec.encode({ a: 'x'.repeat(codecLimits.textMax + 1), b: 'kept'.slice(0, 0) });
    expect(long.account.map(line)).toContain('cut a: too much text');
  });

  it('nothing is listed, copied or written in digits for which there is no room any more', () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, 1]));
    const listed = [vi.spyOn(Object, 'getOwnPropertyNames'), vi.spyOn(Reflect, 'ownKeys')];
    const times = () => listed.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    const clear = () => listed.forEach((spy) => void spy.mockClear());
    try {
      clear();
      const { account } = small.encode([wide, wide, wide, wide, wide, wide]);
      expect(account.map(line)).toContain('cut 1: too many values');
      expect(times()).toBe(2);
      clear();
      const bytes = new Uint8Array(9);
      expect(through([bytes, bytes, new String('123456789'), 'x'], small)).toEqual({
        data: ['AAAAAAAAAAAA', null, null, 'x'],
        account: ['changed 0: Uint8Array', 'cut 1: too much text', 'cut 2: too much text'],
      });
      expect(times()).toBe(1);
    } finally {
      vi.restoreAllMocks();
    }
    expect(through([10n ** 12n, 10n ** 12n, -(10n ** 5n), 10n ** 5n, 12345n], small)).toEqual({
      data: ['1000000000000', null, '-100000', null, null],
      account: [
        'changed 0: bigint',
        'cut 1: too much text',
        'changed 2: bigint',
        'cut 3: too much text',
      ].concat('cut : too many alterations'),
    });
  });

  it('and no stack that is nearly full makes it throw', () => {
    const encoded: unknown[] = [];
    const dive = (): void => {
      try {
        dive();
      } catch {
        encoded.push(cleanJsonCodec.encode({ a: [{ b: [1] }], f: mustNotRun }));
      }
    };
    dive();
    expect(encoded).toHaveLength(1);
  });
});

describe('whatever there is', () => {
  const anything = fc.anything({
    withBigInt: true,
    withMap: true,
    withSet: true,
    withDate: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withBoxedValues: true,
    withObjectString: true,
    maxDepth: 4,
  });

  it('is encoded without throwing, and every leaf is equal or named', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const { text, account } = cleanJsonCodec.encode(value);
        const named = new Set(account.map(({ path }) => JSON.stringify(path)));
        expect(differences(value, JSON.parse(text), [], named)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('and is JSON comes back exactly, with an empty account', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        // fast-check makes -0, which JSON text can say but data seldom means.
        const data = JSON.parse(JSON.stringify(value));
        expect(cleanJsonCodec.encode(data)).toEqual({ text: JSON.stringify(data), account: [] });
      }),
      { numRuns: 2_000 },
    );
  });

  it('spoils nothing beside it', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), anything, fc.array(fc.jsonValue()), (before, poison, after) => {
        const clean = JSON.parse(JSON.stringify({ before, after }));
        const { text } = cleanJsonCodec.encode({ before: clean.before, poison, after: clean.after });
        const data = JSON.parse(text);
        expect({ before: data.before, after: data.after }).toEqual(clean);
      }),
    );
  });
});

/** Paths at which two values differ and that no account names, there or above. */
function differences(value: unknown, data: unknown, path: Path, named: ReadonlySet<string>): string[] {
  if (named.has(JSON.stringify(path))) return [];
  if (typeof value !== 'object' || value === null) return Object.is(value, data) ? [] : [path.join('.')];
  if (Array.isArray(value)) {
    if (!Array.isArray(data) || data.length !== value.length) return [path.join('.')];
    return Array.from(value, (item, place) => differences(item, data[place], [...path, place], named)).flat();
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [path.join('.')];
  const held = value as Record<string, unknown>;
  const extra = Object.keys(data).filter((key) => !Object.hasOwn(held, key));
  const found = Object.keys(held).flatMap((key) =>
    differences(
      held[key],
      Object.hasOwn(data, key) ? (data as Record<string, unknown>)[key] : undefined,
      [...path, key],
      named,
    ),
  );
  return [...extra, ...found];
}
