import fc from 'fast-check';
import { type Case, caseSchemaId } from '../case.ts';
import { hash32 } from '../dice.ts';
import type { Scenario } from '../scenario.ts';

/**
 * The endless row of a scenario's cases for one seed, each found again by its index alone: so that cases can
 * be played on any number of threads in any order, and the result does not depend on it.
 */
export class CaseRow {
  readonly #arbitrary: fc.Arbitrary<Case>;
  readonly #seed: number;
  #lane = -1;
  #cases: readonly Case[] = [];

  constructor(scenario: Scenario, seed: number) {
    this.#arbitrary = fc
      .tuple(fc.noBias(fc.noShrink(fc.nat(0x7fff_ffff))), scenario.cases)
      .map(([caseSeed, plan]) => ({ schema: caseSchemaId, scenario: scenario.id, seed: caseSeed, ...plan }));
    this.#seed = seed;
  }

  /** The case at this index; cheapest when asked in order. */
  at(index: number): Case {
    const lane = Math.floor(index / laneLength);
    if (lane !== this.#lane) {
      this.#lane = lane;
      this.#cases = fc.sample(this.#arbitrary, { seed: this.#laneSeed(lane), numRuns: laneLength });
    }
    const found = this.#cases[index % laneLength];
    if (found === undefined) throw new RangeError(`no case at ${index}`);
    return found;
  }

  /**
   * The smallest case, reached from the one at `index`, of which `stillFails` is true (it is true of that one).
   * Rejects as `stillFails` does: a world that breaks is no case that fails.
   */
  async shrink(index: number, stillFails: (smaller: Case) => Promise<boolean>): Promise<Case> {
    let smallest: Case | undefined;
    let trouble: { readonly thrown: unknown } | undefined;
    // What is drawn and not used shrinks too, and leaves the case as it was: that need not be played again.
    const known = new Map<string, boolean>();
    const fails = async (playing: Case): Promise<boolean> => {
      const text = JSON.stringify(playing);
      const before = smallest === undefined ? true : known.get(text);
      if (trouble !== undefined) return false;
      const failed =
        before ??
        (await stillFails(playing).catch((thrown: unknown) => {
          trouble = { thrown };
          return false;
        }));
      known.set(text, failed);
      return failed;
    };
    await fc.check(
      fc.asyncProperty(this.#arbitrary, async (playing) => {
        if (!(await fails(playing))) return true;
        smallest = playing;
        return false;
      }),
      {
        seed: this.#laneSeed(Math.floor(index / laneLength)),
        path: `${index % laneLength}`,
        numRuns: laneLength,
      },
    );
    if (trouble !== undefined) throw trouble.thrown;
    return smallest ?? this.at(index);
  }

  /** fast-check starts each lane with small and extreme values, which is where most is found: hence many short lanes. */
  #laneSeed(lane: number): number {
    return hash32(this.#seed, `lane/${lane}`) | 0;
  }
}

const laneLength = 50;
