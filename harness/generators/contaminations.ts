import fc from 'fast-check';
import type { Contamination } from '../fault.ts';
import { kept } from './kept.ts';
import { type Recipe, recipeNamed, recipes } from './recipes.ts';

/** A place in a result where poison can go: the result of this agent or tool, at this path. */
export interface Place {
  readonly wire: Contamination['at']['wire'];
  /** The agent's or the tool's name. */
  readonly kind: string;
  readonly path: readonly (string | number)[];
  /**
   * Which data may stand there, as the result's contract has it. A recipe that is data, or a list in which
   * data is beside what is none, is put only where it may: elsewhere the contract is right to refuse it.
   * Absent: anything in a tool's result, which has no contract, and nothing in an agent's.
   */
  readonly holds?: 'text' | 'texts' | 'number' | 'names to texts' | 'names to numbers' | 'anything';
}

/** A contamination before it was bound to a user's run. */
export interface ContaminationDraft {
  readonly place: Place;
  readonly recipe: string;
}

export interface ContaminationOptions {
  /** How many in one case, at most (3). */
  readonly atMost?: number;
  /** Names of the recipes to choose from, the plainest first (all). One at least can stand anywhere. */
  readonly of?: readonly string[];
}

/**
 * One or more contaminations at different places, with any recipe that can stand there. Shrinks towards a
 * single one, the first place and the plainest recipe. Throws a RangeError where a recipe is not known.
 */
export function contaminationsAt(
  places: readonly Place[],
  { atMost = 3, of }: ContaminationOptions = {},
): fc.Arbitrary<readonly ContaminationDraft[]> {
  const chosen = of?.map(recipeNamed) ?? recipes;
  const draft = {
    place: fc.constantFrom(...places),
    recipe: fc.constantFrom(...chosen),
    elsewise: fc.constantFrom(...chosen.filter((recipe) => !recipe.insideOnly && !isJudgedAsData(recipe))),
  };
  // Not an array of at least one: shrinking would never drop what comes after the first.
  const others = Array.from({ length: atMost - 1 }, () => fc.record({ put: fc.boolean(), ...draft }));
  return fc.tuple(fc.record({ put: kept, ...draft }), ...others).map((drafts) => {
    const put = drafts.filter((each) => each.put);
    return put
      .filter(({ place }, index) => put.findIndex((other) => other.place === place) === index)
      .map(({ place, recipe, elsewise }) => ({
        place,
        recipe: (canStandAt(recipe, place) ? recipe : elsewise).name,
      }));
  });
}

/** Whether a pipeline that keeps its contracts can be asked to carry this recipe's object at this place. */
export function canStandAt(recipe: Recipe, { wire, path, holds }: Place): boolean {
  if (recipe.insideOnly && path.length === 0) return false;
  if (!isJudgedAsData(recipe)) return true;
  const { data } = recipe;
  switch (holds ?? (wire === 'tool' ? 'anything' : 'nothing')) {
    case 'anything':
      return true;
    case 'text':
      return typeof data === 'string';
    case 'texts':
      return Array.isArray(data) && data.every((item) => typeof item === 'string' || item === null);
    case 'number':
      return typeof data === 'number';
    case 'names to texts':
      return isNamesTo('string', data);
    case 'names to numbers':
      return isNamesTo('number', data);
    default:
      return false;
  }
}

/** Wholly data, or a list: what is no data in a list is a matter of its own place, and excuses no other. */
function isJudgedAsData({ data, foreign = [[]] }: Recipe): boolean {
  return foreign.length === 0 || (Array.isArray(data) && foreign.every((path) => path.length > 0));
}

function isNamesTo(type: 'string' | 'number', data: Recipe['data']): boolean {
  return (
    typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    Object.values(data).every((value) => typeof value === type)
  );
}
