/**
 * What a history may say of something thrown: its code, or else its name; never the engine's words, which
 * differ between versions.
 */
export function codeOfThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `thrown ${thrown === null ? 'null' : typeof thrown}`;
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)) return code;
  return /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/.test(thrown.name) ? thrown.name : 'Error';
}
