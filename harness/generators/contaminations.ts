import fc from 'fast-check';
import type { Contamination } from '../fault.ts';
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
  return fc.uniqueArray(
    fc.record({
      place: fc.constantFrom(...places),
      recipe: fc.constantFrom(...recipes.map(({ name }) => name)),
    }),
    { minLength: 1, maxLength: atMost, selector: ({ place }) => place, comparator: 'SameValue' },
  );
}
