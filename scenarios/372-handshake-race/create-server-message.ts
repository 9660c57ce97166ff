/** A message of the server. Takes its type and its data, as two arguments. */
export function createServerMessage(...given: readonly unknown[]): { type: string; data: object } {
  const [type, data] = given;
  if (typeof type !== 'string') throw new TypeError('type must be text');
  if (typeof data !== 'object' || data === null) throw new TypeError('missing argument: data');
  return { type, data };
}
