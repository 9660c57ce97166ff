import fc from 'fast-check';
import type { Alteration, Path } from './codec.ts';

/**
 * Values of any make (prototypes, descriptors, proxies, built-ins in disguise), each with the clean twin and the
 * names of what differs, put together side by side by what is known of each part, never by asking the codec.
 */

/** Nothing is left of the value. */
export const gone = Symbol('gone');

export interface Built {
  readonly value: unknown;
  /** What a clean copy is. */
  readonly twin: unknown;
  /** `kind path` for each alteration. */
  readonly names: string[];
  /** How often code of the value was run. */
  touched(): number;
}

/** Makes one value, at a path that it needs to know to name what differs. */
export type Piece = (site: Site, path: Path) => Made;

interface Made {
  readonly value: unknown;
  readonly twin: unknown;
}

interface Site {
  name(kind: Alteration['kind'], path: Path): void;
  touch(): never;
}

export function built(piece: Piece): Built {
  const names: string[] = [];
  let touches = 0;
  const site: Site = {
    name: (kind, path) => names.push(`${kind} ${JSON.stringify(path)}`),
    touch: () => {
      touches += 1;
      throw new Error('foreign code ran');
    },
  };
  return { ...piece(site, []), names, touched: () => touches };
}

/** A property by its own right, whatever the key. */
export function property(object: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

const gives =
  (value: unknown): Piece =>
  () => ({ value, twin: value });

const becomes =
  (kind: Alteration['kind'], make: (site: Site) => unknown, twin: unknown = gone): Piece =>
  (site, path) => {
    site.name(kind, path);
    return { value: make(site), twin };
  };

const cleanLeaf = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.constantFrom(true, false, null, '$date', '\ud800', '{"kind":"lost"}'),
  )
  .map(gives);

class Driver {
  readonly #secret = 1;
  toJSON(): unknown {
    return this.#secret;
  }
}

const goneLeaves: Piece[] = [
  becomes('lost', ({ touch }) => touch),
  becomes('lost', ({ touch }) => touch.bind(null)),
  becomes('lost', ({ touch }) => new Proxy(touch, {})),
  becomes('lost', () => Driver),
  becomes('lost', () => Symbol('s')),
  becomes('lost', () => undefined),
  becomes('lost', () => Promise.resolve(1)),
  becomes('lost', () => new WeakRef({})),
  becomes('lost', () => new WeakMap()),
  becomes('lost', () => new WeakSet()),
  becomes('lost', () => (function* () {})()),
  becomes('lost', () => new Set([1]).values()),
  becomes('lost', () => new SharedArrayBuffer(1)),
  becomes('lost', () => Object(Symbol('boxed'))),
  becomes('lost', () => Object.setPrototypeOf(Promise.resolve(1), null)),
  becomes('lost', () => Object.setPrototypeOf(new WeakMap(), Object.prototype)),
  becomes('refused', ({ touch }) => trapped({}, touch)),
  becomes('refused', ({ touch }) => trapped([1], touch)),
  becomes('refused', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }),
];

const changedLeaves: Piece[] = [
  becomes('changed', () => 12n, '12'),
  becomes('changed', () => Number.NaN, null),
  becomes('changed', () => Number.POSITIVE_INFINITY, null),
  becomes('changed', () => Number.NEGATIVE_INFINITY, null),
  becomes('changed', () => -0, 0),
  becomes('changed', () => /a/gi, '/a/gi'),
  becomes('changed', () => Uint8Array.of(1, 2), 'AQI='),
  becomes('changed', () => Uint8Array.of(1, 2).buffer, 'AQI='),
  becomes('changed', () => Int16Array.of(1, -2), [1, -2]),
  becomes('changed', () => new URL('https://a.example/'), 'https://a.example/'),
  becomes('changed', () => new Driver(), {}),
  becomes('changed', () => Object.assign(new TypeError('no'), { code: 1 }), {
    name: 'TypeError',
    message: 'no',
    code: 1,
  }),
];

const leaf = fc.oneof(
  { weight: 4, arbitrary: cleanLeaf },
  { weight: 1, arbitrary: fc.constantFrom(...goneLeaves) },
  { weight: 1, arbitrary: fc.constantFrom(...changedLeaves) },
);

const key = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom('__proto__', 'constructor', 'toJSON', 'length', 'value', 'get', 'then', '0', '7'),
);

/** How a property is there. */
const manner = fc.oneof(
  { weight: 6, arbitrary: fc.constant('data' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'read-only' as const,
      'hidden' as const,
      'getter' as const,
      'hidden getter' as const,
      'setter' as const,
    ),
  },
);
type Manner = typeof manner extends fc.Arbitrary<infer M> ? M : never;

const prototypes = fc.oneof(
  { weight: 6, arbitrary: fc.constant('plain' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'none' as const,
      'class' as const,
      'proxy' as const,
      'lying' as const,
      'array' as const,
    ),
  },
);
type Prototype = typeof prototypes extends fc.Arbitrary<infer P> ? P : never;

const seal = fc.constantFrom(
  (object: object) => object,
  (object: object) => object,
  Object.freeze,
  Object.seal,
  Object.preventExtensions,
);

export const pieces = fc.letrec<{
  value: Piece;
  object: Piece;
  list: Piece;
  keyed: Piece;
  boxed: Piece;
  cycle: Piece;
}>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    { weight: 4, arbitrary: leaf },
    { weight: 4, arbitrary: tie('object') },
    { weight: 3, arbitrary: tie('list') },
    { weight: 1, arbitrary: tie('keyed') },
    { weight: 1, arbitrary: tie('boxed') },
    { weight: 1, arbitrary: tie('cycle') },
  ),
  object: fc
    .record({
      properties: fc.uniqueArray(fc.tuple(key, manner, tie('value')), {
        selector: ([name]) => name,
        maxLength: 5,
      }),
      hasSymbol: fc.nat(9).map((roll) => roll === 0),
      prototype: prototypes,
      sealed: seal,
    })
    .map(objectPiece),
  list: fc
    .record({
      items: fc.array(fc.tuple(manner, fc.option(tie('value'), { freq: 9 })), { maxLength: 5 }),
      extras: fc.uniqueArray(
        fc.tuple(
          key.filter((name) => !/^(\d+|length)$/.test(name)),
          fc.constantFrom('data' as const, 'getter' as const),
        ),
        {
          selector: ([name]) => name,
          maxLength: 1,
        },
      ),
      hasSymbol: fc.nat(9).map((roll) => roll === 0),
      isOwnClass: fc.nat(9).map((roll) => roll === 0),
      sealed: seal,
    })
    .map(listPiece),
  keyed: fc
    .record({
      kind: fc.constantFrom('map' as const, 'set' as const),
      items: fc.array(tie('value'), { maxLength: 4 }),
      prototype: fc.constantFrom('own' as const, 'plain' as const, 'none' as const),
      hasProperty: fc.boolean(),
    })
    .map(keyedPiece),
  boxed: fc
    .record({
      box: fc.constantFrom<readonly [unknown, unknown]>([5, 5], ['ab', 'ab'], [false, false]),
      prototype: fc.constantFrom('own' as const, 'plain' as const, 'none' as const),
      hasProperty: fc.boolean(),
    })
    .map(boxedPiece),
  cycle: tie('value').map(cyclePiece),
}));

interface ObjectParts {
  readonly properties: readonly (readonly [string, Manner, Piece])[];
  readonly hasSymbol: boolean;
  readonly prototype: Prototype;
  readonly sealed: (object: object) => object;
}

function objectPiece({ properties, hasSymbol, prototype, sealed }: ObjectParts): Piece {
  return (site, path) => {
    const object = Object.create(prototypeOf(prototype, site));
    const twin = {};
    if (prototype !== 'plain' && prototype !== 'none') site.name('changed', path);
    for (const [name, how, piece] of properties) put(object, twin, name, how, piece, site, path);
    if (hasSymbol) {
      object[Symbol('k')] = 1;
      site.name('lost', [...path, 'Symbol(k)']);
    }
    return { value: sealed(object), twin };
  };
}

function put(
  holder: object,
  twin: object,
  step: string | number,
  how: Manner,
  piece: Piece,
  site: Site,
  path: Path,
): void {
  const at = [...path, step];
  if (how === 'getter' || how === 'hidden getter' || how === 'setter') {
    const accessor = how === 'setter' ? { set: site.touch } : { get: site.touch };
    define(holder, step, { ...accessor, enumerable: how !== 'hidden getter' });
    site.name('refused', at);
  } else if (how === 'hidden' && typeof step === 'string') {
    define(holder, step, { value: 1, enumerable: false });
    site.name('lost', at);
  } else {
    // Nobody who reads a list asks whether a place is hidden.
    const made = piece(site, at);
    define(holder, step, { value: made.value, enumerable: how !== 'hidden', writable: how === 'data' });
    if (made.twin !== gone) define(twin, step, { value: made.twin, enumerable: true, writable: true });
  }
}

interface ListParts {
  readonly items: readonly (readonly [Manner, Piece | null])[];
  readonly extras: readonly (readonly [string, 'data' | 'getter'])[];
  readonly hasSymbol: boolean;
  readonly isOwnClass: boolean;
  readonly sealed: (object: object) => object;
}

function listPiece({ items, extras, hasSymbol, isOwnClass, sealed }: ListParts): Piece {
  return (site, path) => {
    const list: unknown[] = new (isOwnClass ? class Rows extends Array<unknown> {} : Array)();
    if (isOwnClass) site.name('changed', path);
    const twin = items.map(() => null);
    list.length = items.length;
    for (const [place, [how, piece]] of items.entries()) {
      if (piece === null) site.name('lost', [...path, place]);
      else put(list, twin, place, how, piece, site, path);
    }
    for (const [name, how] of extras) {
      define(
        list,
        name,
        how === 'data' ? { value: 1, enumerable: true } : { get: site.touch, enumerable: true },
      );
      site.name(how === 'data' ? 'lost' : 'refused', [...path, name]);
    }
    if (hasSymbol) {
      define(list, Symbol('k'), { value: 1, enumerable: false });
      site.name('lost', [...path, 'Symbol(k)']);
    }
    return { value: sealed(list), twin };
  };
}

interface KeyedParts {
  readonly kind: 'map' | 'set';
  readonly items: readonly Piece[];
  readonly prototype: 'own' | 'plain' | 'none';
  readonly hasProperty: boolean;
}

function keyedPiece({ kind, items, prototype, hasProperty }: KeyedParts): Piece {
  return (site, path) => {
    site.name('changed', path);
    const map = new Map<unknown, unknown>();
    const set = new Set<unknown>();
    const twin = items.map((piece, place) => {
      const made = piece(site, [...path, place, kind === 'map' ? 1 : 0]);
      const left = made.twin === gone ? null : made.twin;
      if (kind === 'map') map.set(`key ${place}`, made.value);
      // In a list of its own, for a set holds equal values once.
      else set.add([made.value]);
      return kind === 'map' ? [`key ${place}`, left] : [left];
    });
    const value: object = kind === 'map' ? map : set;
    if (hasProperty) {
      Object.assign(value, { own: 1 });
      site.name('lost', [...path, 'own']);
    }
    return { value: disguised(value, prototype), twin };
  };
}

interface BoxedParts {
  readonly box: readonly [unknown, unknown];
  readonly prototype: 'own' | 'plain' | 'none';
  readonly hasProperty: boolean;
}

function boxedPiece({ box: [value, twin], prototype, hasProperty }: BoxedParts): Piece {
  return (site, path) => {
    site.name('changed', path);
    const box: object = Object(value);
    if (hasProperty) {
      Object.assign(box, { own: 1 });
      site.name('lost', [...path, 'own']);
    }
    return { value: disguised(box, prototype), twin };
  };
}

/** An object that leads back to itself, at once and over a list. */
function cyclePiece(piece: Piece): Piece {
  return (site, path) => {
    const object: Record<string, unknown> = {};
    const made = piece(site, [...path, 'held']);
    object.held = made.value;
    object.self = object;
    site.name('refused', [...path, 'self']);
    object.back = [object];
    site.name('refused', [...path, 'back', 0]);
    return { value: object, twin: { ...(made.twin === gone ? {} : { held: made.twin }), back: [null] } };
  };
}

function prototypeOf(prototype: Prototype, { touch }: Site): object | null {
  switch (prototype) {
    case 'plain':
      return Object.prototype;
    case 'none':
      return null;
    case 'class':
      return Driver.prototype;
    case 'proxy':
      return trapped({}, touch);
    case 'lying':
      return { toJSON: touch, [Symbol.toStringTag]: 'Map' };
    case 'array':
      return Array.prototype;
  }
}

function disguised(value: object, prototype: 'own' | 'plain' | 'none'): object {
  if (prototype === 'own') return value;
  return Object.setPrototypeOf(value, prototype === 'plain' ? Object.prototype : null);
}

/** Every trap tells. */
function trapped(target: object, touch: () => never): object {
  return new Proxy(target, {
    get: touch,
    has: touch,
    ownKeys: touch,
    getPrototypeOf: touch,
    getOwnPropertyDescriptor: touch,
    isExtensible: touch,
  });
}

function define(object: object, name: string | number | symbol, how: PropertyDescriptor): void {
  Object.defineProperty(object, name, { configurable: true, ...how });
}
