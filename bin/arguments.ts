import { InvalidArgumentError } from 'commander';

/** Parsers of option values; each error says what is accepted. */

/** A whole number, 0 or more. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return Number(text);
}

/** A seed: a whole number that fits 32 bits. */
export function seed(text: string): number {
  const value = Number(text);
  if (!/^-?\d{1,10}$/.test(text) || value < -(2 ** 31) || value >= 2 ** 32)
    throw new InvalidArgumentError('Give a whole number of at most 32 bits.');
  return value | 0;
}

/** A duration such as `500ms`, `30s`, `5m`, `1h`, in milliseconds; a bare number is seconds. */
export function duration(text: string): number {
  const match = /^(\d{1,7}(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Give a duration such as 30s, 5m or 1h.');
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * unit;
}

export type WorldChoice = 'simulated' | 'real' | 'both';

/** Which worlds to play in. */
export function worlds(text: string): WorldChoice {
  if (text === 'simulated' || text === 'real' || text === 'both') return text;
  throw new InvalidArgumentError('Give simulated, real or both.');
}

/** Collects an option that may be given again and again. */
export function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}
