import { afterAll, expect, it, vi } from 'vitest';
import type { Case } from '../../harness/case.ts';
import { canStandAt } from '../../harness/generators/contaminations.ts';
import { type Recipe, recipes } from '../../harness/generators/recipes.ts';
import { eventsOf, type History } from '../../harness/history.ts';
import { cleanResultsComeBackExactly } from '../../harness/invariants/clean-results-come-back-exactly.ts';
import { nothingIsLostSilently } from '../../harness/invariants/nothing-is-lost-silently.ts';
import { poisonSpoilsNoSiblings } from '../../harness/invariants/poison-spoils-no-siblings.ts';
import { storedAndSentValuesAreClean } from '../../harness/invariants/stored-and-sent-values-are-clean.ts';
import { createSimulatedPool } from '../../harness/worlds/simulated/pool.ts';
import { places } from './places.ts';

/** Dozens of plays, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000 });

const pool = createSimulatedPool({ threads: 1 });
afterAll(() => pool.close());

it('every place is there in a healthy result, for every recipe', async () => {
  const missed: string[] = [];
  for (const [index, place] of places.entries()) {
    const fitting = recipes.filter((each) => canStandAt(each, place));
    const recipe = fitting[index % fitting.length]?.name ?? '';
    const history = await pool.play(caseWith({ place, recipe }));
    if (eventsOf(history, 'fault-fired').length !== 1)
      missed.push(`${place.kind} ${place.path.join('.')} ${recipe}`);
  }
  expect(missed).toEqual([]);
});

it.each(recipes.map((recipe): [string, Recipe] => [recipe.name, recipe]))(
  'a run in whose results %s stands is answered, and its history holds',
  async (name, recipe) => {
    const fitting = places.filter((place) => canStandAt(recipe, place));
    const onAgent = fitting.find(({ wire }) => wire === 'agent');
    const onTool = fitting.find(({ wire }) => wire === 'tool');
    for (const place of [onAgent, onTool]) {
      if (place === undefined) continue;
      const history = await pool.play(caseWith({ place, recipe: name }));
      expect(eventsOf(history, 'fault-fired')).toHaveLength(1);
      expect(endsOf(history)).toEqual(['run_completed complete']);
      expect(brokenIn(history)).toEqual([]);
    }
  },
);

function brokenIn(history: History): string[] {
  return [
    storedAndSentValuesAreClean,
    nothingIsLostSilently,
    cleanResultsComeBackExactly,
    poisonSpoilsNoSiblings,
  ]
    .map((invariant) => invariant.check(history).verdict)
    .flatMap((verdict) => (verdict.is === 'broken' ? verdict.violations.map(({ why }) => why) : []));
}

function caseWith({ place, recipe }: { place: (typeof places)[number]; recipe: string }): Case {
  return {
    schema: 'faultline.case/1',
    scenario: '585/contaminated-results',
    seed: 1,
    users: [
      {
        id: 'alice',
        arrivesAtMs: 0,
        confirms: 'all',
        actions: [
          { do: 'connect' },
          { do: 'ask', run: 'run-1', thread: 'thread-1', request: 'Analyze my API response times' },
        ],
      },
    ],
    model: [
      {
        user: 'alice',
        run: 'run-1',
        sufficiency: place.kind === 'data_helper' ? 'insufficient' : 'sufficient',
        chunks: 1,
      },
    ],
    faults: [],
    contaminations: [
      {
        at: { wire: place.wire, user: 'alice', run: 'run-1', kind: place.kind, count: 1 },
        path: [...place.path],
        recipe,
      },
    ],
    schedule: [],
  };
}

function endsOf(history: History): string[] {
  return eventsOf(history, 'seen').flatMap(({ frame }) => {
    const { type, payload } = frame as { type: string; payload?: { status?: string; code?: string } };
    return type === 'run_completed' || type === 'run_failed'
      ? [`${type} ${payload?.status ?? payload?.code}`]
      : [];
  });
}
