import { afterAll } from 'vitest';
import { type FoundIncident, type ScenarioAt, scenariosOf } from '../harness/discover.ts';
import type { ExaminationRequest } from '../harness/explore/examination.ts';
import type { ExaminationRoom } from '../harness/explore/examine.ts';
import { violationsOf } from '../harness/explore/failure.ts';
import { type SearchOptions, type SearchOutcome, search } from '../harness/explore/search.ts';
import type { DefectReference } from '../harness/world.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';

/** Of every search here, so that what one found another finds. */
export const seed = 585;
/** Of a search that should find nothing. */
export const runs = 20;

type Searching = (
  target: ScenarioAt,
  changes?: Partial<SearchOptions>,
  defect?: DefectReference,
) => Promise<SearchOutcome>;

/** Searches in one simulation thread of the calling file's own: another would have to be warmed up, too. */
export function searches(): { readonly room: ExaminationRoom; readonly searching: Searching } {
  const room = createSimulatedPool({ threads: 1 });
  afterAll(() => room.close());
  return {
    room,
    searching: (target, changes = {}, defect = undefined) =>
      search({
        scenario: target.scenario,
        request: requestFor(target, defect),
        room,
        seed,
        budget: { runs, shrinkPlays: 0 },
        now: () => 0,
        ...changes,
      }),
  };
}

export function requestFor({ scenario, module }: ScenarioAt, defect?: DefectReference): ExaminationRequest {
  return { module, scenario: scenario.id, ...(defect === undefined ? {} : { defect }) };
}

export function scenarioIn(incident: FoundIncident, id: string): ScenarioAt {
  const target = scenariosOf([incident]).find(({ scenario }) => scenario.id === id);
  if (target === undefined) throw new Error(`no scenario ${id}`);
  return target;
}

/** What broke, in words, with the case that shows it. */
export function brokenIn({ found }: SearchOutcome): unknown[] {
  return found.map(({ failure, examination, casesUntilFound, shrunk }) => ({
    failure,
    casesUntilFound,
    why: violationsOf(examination).map(({ why }) => why),
    shrunk,
  }));
}
