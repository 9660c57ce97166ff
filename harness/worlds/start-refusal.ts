/**
 * What a line that the pipeline logs says of its refusal to start: the names of what it lacks; null where it says
 * nothing of that.
 */
export function startRefusalIn(line: string): readonly string[] | null {
  if (!line.includes('"the start was refused"')) return null;
  try {
    const { missing } = JSON.parse(line) as { missing?: unknown };
    return Array.isArray(missing) ? missing.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

/** The exit code of a program that refuses to start, as `faultline serve` has them; null where it did not refuse. */
export function exitCodeOfRefusal(thrown: unknown): 2 | 3 | null {
  const { name, code } = (thrown ?? {}) as { name?: unknown; code?: unknown };
  if (name !== 'StartRefused') return null;
  return code === 'CONFIGURATION_INVALID' ? 2 : 3;
}

/** So often a pipeline that refuses to start is started again before its operator gives up. */
export const refusalsMax = 2;
