/**
 * A module that exists to be a contaminant: data, a function and a class, as modules have. Its namespace is
 * what the recipe `own-module-namespace` puts into a result.
 */
export const pool = { size: 4, names: ['primary', 'replica'] };

export function connect(): string {
  return 'connected';
}

export class Driver {
  readonly dialect = 'postgresql';
}
