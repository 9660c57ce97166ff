import type { ErrorCode } from '../errors.ts';

/** Something outside that the pipeline cannot serve without. */
export interface Dependency {
  /** On `/ready`, on `/metrics` and in a refusal to start. */
  readonly name: DependencyName;
  /** What an operator sets for it. */
  readonly setting: string;
  /** What it is for. */
  readonly purpose: string;
  /** What was handed in for it: undefined or null where that is nothing. */
  readonly given: unknown;
  /** The code under which its absence is told. */
  readonly code: ErrorCode;
  /**
   * Puts it to use once: what is there need not work. Rejects with a PipelineError that says what was found:
   * CONFIGURATION_INVALID where no wait can help.
   */
  check(signal: AbortSignal): Promise<void>;
}

export type DependencyName = 'redis' | 'model' | 'usage';

/** Something that is missing, null or does not work, and what an operator can do. */
export interface Lack {
  /** A dependency, or a part of the pipeline itself. */
  readonly name: string;
  readonly setting: string;
  readonly purpose: string;
  readonly found: string;
  readonly code: ErrorCode;
}

/** One line of a refusal. */
export function lackInWords({ name, setting, purpose, found }: Lack): string {
  return `${name}: ${found} (${setting}: ${purpose})`;
}
