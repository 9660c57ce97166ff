import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../../../src/codec/codec.ts';
import type { ValueClass } from '../value-class.ts';

/** Data: a faithful copy is deeply and strictly equal to another one of the same make. */
export function data(name: string, make: () => unknown, asData?: unknown): ValueClass {
  return {
    name,
    kind: 'data',
    make,
    isFaithful: (copy) => isDeepStrictEqual(copy, make()),
    ...(asData === undefined ? {} : { isEqualAsData: (copy: unknown) => isDeepStrictEqual(copy, asData) }),
    isReadable: () => false,
    altered: () => (asData === undefined ? [] : [[]]),
    isWholeElsewhere: () => true,
  };
}

/** A value with a type of its own; `forms` are the plain forms from which all of it can be read. */
export function typed(
  name: string,
  make: (ran: () => void) => unknown,
  forms: readonly unknown[],
  isFaithful: (copy: unknown) => boolean = (copy) => isDeepStrictEqual(copy, make(nothing)),
): ValueClass {
  return {
    name,
    kind: 'typed',
    make,
    isFaithful,
    isReadable: (copy) => forms.some((form) => isDeepStrictEqual(copy, form)),
    altered: () => [[]],
    isWholeElsewhere: () => true,
  };
}

/** A value of which no copy can be made: whatever comes back is something else. */
export function live(name: string, make: (ran: () => void) => unknown): ValueClass {
  return {
    name,
    kind: 'live',
    make,
    isFaithful: () => false,
    isReadable: () => false,
    altered: () => [[]],
    isWholeElsewhere: () => true,
  };
}

/** A value that is data but for some places within it; `rest`, where it can be said, is what stands at all others. */
export function spoilt(
  name: string,
  make: (ran: () => void) => unknown,
  places: { readonly at: readonly Path[]; readonly rest?: unknown },
  means: Partial<Pick<ValueClass, 'kind' | 'isFaithful' | 'isReadable'>> = {},
): ValueClass {
  return {
    name,
    kind: 'live',
    make,
    isFaithful: () => false,
    isReadable: () => false,
    altered: () => places.at,
    isWholeElsewhere: (copy) =>
      places.rest === undefined ||
      isDeepStrictEqual(without(copy, places.at), without(places.rest, places.at)),
    ...means,
  };
}

/** A copy without some places: in an object the key is gone, in a list null is there. */
function without(copy: unknown, paths: readonly Path[], at: Path = []): unknown {
  if (Array.isArray(copy)) {
    return Array.from(copy, (item, place) =>
      isOneOf(paths, [...at, place]) ? null : without(item, paths, [...at, place]),
    );
  }
  if (typeof copy !== 'object' || copy === null) return copy;
  return Object.fromEntries(
    Object.entries(copy)
      .filter(([key]) => !isOneOf(paths, [...at, key]))
      .map(([key, value]) => [key, without(value, paths, [...at, key])]),
  );
}

function isOneOf(paths: readonly Path[], path: Path): boolean {
  return paths.some((each) => isDeepStrictEqual(each, path));
}

function nothing(): void {}
