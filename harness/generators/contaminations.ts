import fc from 'fast-check';
import type { Contamination } from '../fault.ts';
import { kept } from './kept.ts';
import { recipes } from './recipes.ts';

/** A place in a result where poison can go: the result of this agent or tool, at this path. */
export interface Place {
  readonly wire: Contamination['at']['wire'];
  /** The agent's or the tool's name. */
  readonly kind: string;
  readonly path: readonly (string | number)[];
}

/** A contamination before it was bound to a user's run. */
export interface ContaminationDraft {
  readonly place: Place;
  readonly recipe: string;
}

/**
 * One to `atMost` (3) contaminations at different places, with any recipe. Shrinks towards a single one, the
 * first place and the plainest recipe.
 */
export function contaminationsAt(
  places: readonly Place[],
  { atMost = 3 }: { readonly atMost?: number } = {},
): fc.Arbitrary<readonly ContaminationDraft[]> {
  const draft = {
    place: fc.constantFrom(...places),
    recipe: fc.constantFrom(...recipes.map(({ name }) => name)),
  };
  // Not an array of at least one: shrinking would never drop what comes after the first.
  const others = Array.from({ length: atMost - 1 }, () => fc.record({ put: fc.boolean(), ...draft }));
  return fc.tuple(fc.record({ put: kept, ...draft }), ...others).map((drafts) => {
    const put = drafts.filter((each) => each.put);
    return put
      .filter(({ place }, index) => put.findIndex((other) => other.place === place) === index)
      .map(({ place, recipe }) => ({ place, recipe }));
  });
}
