import * as nodePath from 'node:path';
import * as fixtureModule from '../fixture-module.ts';
import { currentModule } from './current-module.ts';
import type { Recipe } from './recipe.ts';

/** Namespaces of modules. */
export const modules: readonly Recipe[] = [
  {
    name: 'module-namespace',
    shape:
      "the namespace of a module of the platform (node:path): functions, strings and the namespace's own inner cycle",
    make: () => nodePath,
  },
  {
    name: 'own-module-namespace',
    shape:
      'the namespace of a module of one\'s own: `pool` {size: 4, names: ["primary", "replica"]}, the function `connect`, the class `Driver`',
    make: () => fixtureModule,
  },
  {
    name: 'current-module',
    shape:
      'the namespace of the module whose own code returned it: `version` "1", and the function that returned it',
    make: () => currentModule(),
  },
];
