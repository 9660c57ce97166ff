/**
 * Compares contenders as ratios in one run: every contender once in each round, the order rotated, the
 * median of the per-round ratios. Absolute numbers swing with the machine; ratios in one run do not.
 */

/** Does a fixed amount of work and says how much per second. */
export interface Contender {
  readonly name: string;
  /** Work per second, in the comparison's unit. */
  rate(): Promise<number>;
}

export interface Compared {
  readonly name: string;
  /** Median over the rounds. */
  readonly rate: number;
  /** Median of (this contender's rate / the first contender's rate in the same round). */
  readonly ratio: number;
  /** By round. */
  readonly rates: readonly number[];
}

export async function compare(contenders: readonly Contender[], rounds: number): Promise<Compared[]> {
  const rates = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const which = (turn + Math.max(round, 0)) % contenders.length;
      const rate = await (contenders[which] as Contender).rate();
      if (round >= 0) rates[which]?.push(rate); // round -1 only warms up
    }
  }
  const first = rates[0] ?? [];
  return contenders.map((contender, index) => {
    const own = rates[index] ?? [];
    return {
      name: contender.name,
      rate: median(own),
      ratio: ratioOf(own, first),
      rates: own,
    };
  });
}

/** Median of the per-round ratios of two contenders' rates. */
export function ratioOf(rates: readonly number[], to: readonly number[]): number {
  return median(rates.map((rate, round) => rate / (to[round] ?? Number.NaN)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
