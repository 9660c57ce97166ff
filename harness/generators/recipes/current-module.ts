import * as itself from './current-module.ts';

export const version = '1';

/** This module's own namespace, as code finds it that looks itself up among what is loaded. */
export function currentModule(): object {
  return itself;
}
