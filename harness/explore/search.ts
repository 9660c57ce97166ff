import type { Case } from '../case.ts';
import type { Scenario } from '../scenario.ts';
import type { Examination, ExaminationRequest } from './examination.ts';
import { type ExaminationRoom, unlessInterrupted } from './examine.ts';
import { type Failure, shows, violationsOf } from './failure.ts';
import { CaseRow } from './generate.ts';
import { Tally } from './tally.ts';

export interface SearchOptions {
  readonly scenario: Scenario;
  /** Sent along with every case, so that a worker finds scenario and defect. */
  readonly request: ExaminationRequest;
  readonly room: ExaminationRoom;
  /** Where shrinking plays (default: `room`); absent from a real world where there is no simulation. */
  readonly shrinkIn?: ExaminationRoom;
  readonly seed: number;
  readonly budget: SearchBudget;
  /** End at the first case that fails (default: play all of the budget). */
  readonly stopAtFirst?: boolean;
  /** Only this invariant's violations count as a failure (default: any). */
  readonly seek?: string;
  /** Milliseconds, from any start: for `budget.ms` and the speed shown. */
  readonly now: () => number;
  /** Ends the search with what was found so far. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface SearchBudget {
  readonly runs: number;
  /** No further case is begun after so many milliseconds. */
  readonly ms?: number;
  /** Plays that shrinking may cost, for each counterexample. */
  readonly shrinkPlays: number;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly casesPerSecond: number;
  /** Cases in which something was broken. */
  readonly failing: number;
}

export interface SearchOutcome {
  readonly tally: Tally;
  /** For the invariants found broken first, at most three, the first case that broke each, shrunk. */
  readonly found: readonly Found[];
  /** Invariants that were broken in any case, in the scenario's order. */
  readonly broken: readonly string[];
  readonly interrupted: boolean;
}

export interface Found {
  readonly failure: Failure;
  /** 1 for the first case. */
  readonly casesUntilFound: number;
  readonly original: Case;
  /** What was seen of the original; with its history if the request asked for that. */
  readonly examination: Examination;
  readonly shrunk: Case;
  readonly shrinkPlays: number;
}

/**
 * Plays and judges generated cases until the budget is used up, then shrinks what was found. The outcome
 * depends on seed and budget (`runs`) alone, not on the number of threads: cases are counted in their
 * order, and of those that fail the first counts.
 */
export async function search(options: SearchOptions): Promise<SearchOutcome> {
  const { scenario, budget, now } = options;
  const row = new CaseRow(scenario, options.seed);
  const tally = new Tally(scenario);
  const firsts = new Map<string, First>();
  const broken = new Set<string>();
  const waiting = new Map<number, Examination>();
  const startedAt = now();
  let next = 0;
  let failing = 0;
  let done = false;

  await inParallel(options.room.threads, async () => {
    while (mayBegin()) {
      const index = next++;
      const examination = await unlessInterrupted(
        options.signal,
        options.room.examine(row.at(index), options.request),
      ).catch((error) => {
        done = true;
        throw error;
      });
      if (examination === undefined) return;
      waiting.set(index, examination);
      countThoseInTurn();
    }
  });
  const found: Found[] = [];
  for (const first of [...firsts.values()].slice(0, mostCounterexamples)) {
    found.push(await shrink(options, row, first));
  }
  return {
    tally,
    found,
    broken: scenario.invariants.map(({ name }) => name).filter((name) => broken.has(name)),
    interrupted: interrupted(),
  };

  function interrupted(): boolean {
    return options.signal?.aborted ?? false;
  }

  function mayBegin(): boolean {
    const inTime = budget.ms === undefined || now() - startedAt < budget.ms;
    return !done && !interrupted() && inTime && next < budget.runs;
  }

  function countThoseInTurn(): void {
    while (!done) {
      const index = tally.cases;
      const examination = waiting.get(index);
      if (examination === undefined) return;
      waiting.delete(index);
      tally.add(examination);
      const violations = violationsOf(examination);
      for (const { invariant, place } of violations) {
        broken.add(invariant);
        const sought = options.seek === undefined || options.seek === invariant;
        if (sought && !firsts.has(invariant))
          firsts.set(invariant, { index, failure: { invariant, place }, examination });
      }
      if (violations.length > 0) failing += 1;
      if (options.stopAtFirst && firsts.size > 0) done = true;
      options.onProgress?.({
        done: tally.cases,
        of: budget.runs,
        casesPerSecond: (tally.cases * 1000) / Math.max(1, now() - startedAt),
        failing,
      });
    }
  }
}

interface First {
  readonly index: number;
  readonly failure: Failure;
  readonly examination: Examination;
}

/** One cause breaks many invariants; three small cases tell as much as ten, and cost less time. */
const mostCounterexamples = 3;

/** The smallest case of the same failure that the budget reaches. */
async function shrink(
  options: SearchOptions,
  row: CaseRow,
  { index, failure, examination }: First,
): Promise<Found> {
  const room = options.shrinkIn ?? options.room;
  let shrinkPlays = 0;
  const shrunk = await row.shrink(index, async (smaller) => {
    if (shrinkPlays >= options.budget.shrinkPlays || options.signal?.aborted) return false;
    shrinkPlays += 1;
    const examination = await unlessInterrupted(options.signal, room.examine(smaller, options.request));
    return examination !== undefined && shows(examination, failure);
  });
  return { failure, casesUntilFound: index + 1, original: row.at(index), examination, shrunk, shrinkPlays };
}

async function inParallel(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: Math.max(1, count) }, work));
}
