import { accessors } from './recipes/accessors.ts';
import { builtIns } from './recipes/built-ins.ts';
import { functions } from './recipes/functions.ts';
import { graphs } from './recipes/graphs.ts';
import { instances } from './recipes/instances.ts';
import { keys } from './recipes/keys.ts';
import { modules } from './recipes/modules.ts';
import { plainData } from './recipes/plain-data.ts';
import { primitives } from './recipes/primitives.ts';
import { proxies } from './recipes/proxies.ts';
import type { Recipe } from './recipes/recipe.ts';
import { references } from './recipes/references.ts';
import { reported } from './recipes/reported.ts';
import { resources } from './recipes/resources.ts';
import { texts } from './recipes/texts.ts';

export type { Recipe, RecipeContext } from './recipes/recipe.ts';

/** Every recipe, the plainest first: shrinking goes towards the first. */
export const recipes: readonly Recipe[] = [
  ...functions,
  ...primitives,
  ...builtIns,
  ...graphs,
  ...keys,
  ...accessors,
  ...references,
  ...modules,
  ...instances,
  ...resources,
  ...reported,
  ...proxies,
  ...texts,
  ...plainData,
];

/** A recipe by its name. Throws a RangeError that lists the known names. */
export function recipeNamed(name: string): Recipe {
  const recipe = byName.get(name);
  if (recipe === undefined)
    throw new RangeError(`no recipe "${name}": known are ${[...byName.keys()].join(', ')}`);
  return recipe;
}

const byName = new Map(recipes.map((recipe) => [recipe.name, recipe]));
