import { describe, expect, it } from 'vitest';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';
import type { Alteration } from '../../src/codec/codec.ts';
import type { Contender } from './contenders.ts';
import { judge } from './judge.ts';
import type { ValueClass } from './value-class.ts';
import { valueClasses } from './value-classes.ts';

const classes = [...valueClasses.values()].flat();

function classNamed(name: string): ValueClass {
  const found = classes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no class of value "${name}"`);
  return found;
}

/** A codec that does with a value what it is told, as a property of an object and as an item of a list. */
function codecThat(
  becomes: (held: unknown) => unknown,
  says: (at: string | number) => readonly Alteration[] = () => [],
  after: (copy: Record<string, unknown>) => unknown = (copy) => copy,
): Contender {
  return {
    name: 'made up',
    carry: (value) => {
      if (Array.isArray(value)) {
        const copy = [value[0], becomes(value[1]), value[2]];
        return { copy: after(copy as never), account: says(1) };
      }
      const { before, held, after: last } = value as Record<string, unknown>;
      return { copy: after({ before, held: becomes(held), after: last }), account: says('held') };
    },
    encode: (value) => value,
    decode: (value) => value,
  };
}

const lost = (at: string | number): Alteration[] => [{ path: [at], kind: 'lost', reason: 'x' }];
const changed = (at: string | number): Alteration[] => [{ path: [at], kind: 'changed', reason: 'x' }];
const date = classNamed('date');
const iso = '1970-01-02T00:00:00.000Z';

function outcomeOf(valueClass: ValueClass, contender: Contender): string {
  return judge(valueClass, contender).outcome;
}

describe('a copy', () => {
  it('is exact or typed where it is as the class says', () => {
    expect(outcomeOf(classNamed('nested objects and lists'), codecThat(structuredClone))).toBe('exact');
    expect(
      outcomeOf(
        date,
        codecThat((held) => held),
      ),
    ).toBe('typed');
    const apart = codecThat((held) => JSON.parse(JSON.stringify(held)));
    expect(outcomeOf(classNamed('shared reference'), apart)).toBe('exact');
    expect(outcomeOf(classNamed('shared reference'), codecThat(structuredClone))).toBe('typed');
  });

  it('in another form is told or changed, by what the account says', () => {
    expect(
      outcomeOf(
        date,
        codecThat(() => iso, changed),
      ),
    ).toBe('told');
    expect(
      outcomeOf(
        date,
        codecThat(() => iso),
      ),
    ).toBe('changed');
  });

  it('without the value is told as gone, or lost', () => {
    expect(
      outcomeOf(
        date,
        codecThat(() => null, lost),
      ),
    ).toBe('told gone');
    expect(
      outcomeOf(
        date,
        codecThat(() => null),
      ),
    ).toBe('lost');
    expect(
      outcomeOf(
        classNamed('null'),
        codecThat(() => 0),
      ),
    ).toBe('lost');
  });

  it('that lost an ordinary value in silence is lost, even where the account names one beside it', () => {
    const both = classNamed('method in an object');
    const named = (at: string | number): Alteration[] => [
      { path: [at, 'list', 1], kind: 'lost', reason: 'function' },
      { path: [at, 'run'], kind: 'lost', reason: 'function' },
    ];
    expect(
      outcomeOf(
        both,
        codecThat(() => ({ id: 'a', list: [1, null] }), named),
      ),
    ).toBe('told gone');
    expect(
      outcomeOf(
        both,
        codecThat(() => ({ list: [1, null] }), named),
      ),
    ).toBe('lost');
    const half = codecThat(
      () => ({ id: 'a', list: [1, null] }),
      (at) => named(at).slice(0, 1),
    );
    expect(outcomeOf(both, half)).toBe('lost');
  });

  it('that came as well in a list as in an object, or the worse of both counts', () => {
    const onlyInObjects = codecThat((held) => held);
    const carry: Contender['carry'] = (value) =>
      Array.isArray(value) ? { copy: [value[0], null, value[2]], account: [] } : onlyInObjects.carry(value);
    expect(outcomeOf(date, { ...onlyInObjects, carry })).toBe('lost');
  });
});

describe('an account is believed only where', () => {
  it('what it names is not as it was', () => {
    expect(
      outcomeOf(
        classNamed('null'),
        codecThat((held) => held, changed),
      ),
    ).toBe('lies');
  });

  it('what it calls changed is there, and what it calls lost is not', () => {
    const withoutKey = codecThat(
      () => undefined,
      changed,
      (copy) => {
        delete copy.held;
        return copy;
      },
    );
    expect(outcomeOf(date, withoutKey)).toBe('lies');
    expect(
      outcomeOf(
        date,
        codecThat(() => iso, lost),
      ),
    ).toBe('lies');
  });

  it('it names the very place', () => {
    const vague = (): Alteration[] => [{ path: [], kind: 'changed', reason: 'something' }];
    const beside = (at: string | number): Alteration[] => [
      { path: [at === 1 ? 0 : 'before'], kind: 'changed', reason: 'x' },
    ];
    expect(
      outcomeOf(
        date,
        codecThat(() => iso, vague),
      ),
    ).toBe('lies');
    expect(
      outcomeOf(
        date,
        codecThat(() => iso, beside),
      ),
    ).toBe('lies');
  });
});

describe('worse than that', () => {
  it('is damage to what stands beside the value', () => {
    const harming = codecThat(
      () => iso,
      changed,
      (copy) => {
        Reflect.set(copy, Array.isArray(copy) ? 0 : 'before', 'damaged');
        return copy;
      },
    );
    expect(outcomeOf(date, harming)).toBe('spoils');
  });

  it('is a prototype that was changed, of the copy or of everything', () => {
    const hostile = classNamed('own key `__proto__`');
    const naive = codecThat((held) => {
      const copy: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(held as object)) copy[key] = value;
      return copy;
    });
    expect(outcomeOf(hostile, naive)).toBe('pollutes');
    const grave = codecThat((held) => {
      (Object.prototype as { polluted?: boolean }).polluted = true;
      return held;
    });
    expect(outcomeOf(hostile, grave)).toBe('pollutes');
    expect('polluted' in {}).toBe(false);
  });

  it('a codec that throws is loud', () => {
    const throwing = codecThat(() => {
      throw new TypeError('no');
    });
    expect(outcomeOf(date, throwing)).toBe('throws');
  });

  it('and code of the value that was run is seen', () => {
    const reading = codecThat((held) => ({ ...(held as object) }));
    expect(judge(classNamed('accessor'), reading)).toMatchObject({
      outcome: 'changed',
      ranForeignCode: true,
    });
  });
});

describe('the classes of value', () => {
  it('are many, and each has a name of its own', () => {
    expect(classes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(classes.map(({ name }) => name)).size).toBe(classes.length);
  });

  const copyable = classes.filter(({ kind }) => kind !== 'live');
  it.each(copyable.map((each) => [each.name, each] as const))(
    '%s: what is there is not taken for lost',
    (_, each) => {
      expect(['exact', 'typed']).toContain(
        outcomeOf(
          each,
          codecThat((held) => held),
        ),
      );
    },
  );

  it.each(classes.map((each) => [each.name, each] as const))(
    '%s: what is gone is seen to be gone',
    (_, each) => {
      const gone = codecThat(() => ({ entirely: 'another thing' }));
      expect(['lost', 'pollutes']).toContain(outcomeOf(each, gone));
    },
  );
});

describe('the codec', () => {
  it('throws for no class of value, writes JSON for each, and runs no code of any', () => {
    for (const each of classes) {
      let ran = false;
      const value = each.make(() => {
        ran = true;
      });
      const { text } = cleanJsonCodec.encode({ value });
      expect(() => JSON.parse(text), each.name).not.toThrow();
      expect(ran, each.name).toBe(false);
    }
  });
});
