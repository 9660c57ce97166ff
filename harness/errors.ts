/** Exit codes of the command line (design: 0 all hold, 130 interrupted). */
export const exitCodes = {
  held: 0,
  broken: 1,
  usage: 2,
  environment: 3,
  internal: 4,
  interrupted: 130,
} as const;

/** What somebody threw, in its own words. */
export function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A failure of the harness or of what it was given: says the cause and the remedy, and is shown without a stack. */
export class HarnessError extends Error {
  readonly kind: 'usage' | 'environment' | 'internal';
  readonly remedy: string;

  constructor(kind: HarnessError['kind'], message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HarnessError';
    this.kind = kind;
    this.remedy = remedy;
  }
}
