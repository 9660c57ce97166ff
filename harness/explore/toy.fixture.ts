import type { Case } from '../case.ts';
import type { ScenarioAt } from '../discover.ts';
import { faultName } from '../fault.ts';
import { contaminationsAt } from '../generators/contaminations.ts';
import { casePlans } from '../generators/workload.ts';
import { eventsOf, type History, Recorder } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import type { Scenario } from '../scenario.ts';
import { type ExaminationRoom, examineWith } from './examine.ts';
import type { ExploredWorld } from './explore.ts';

/** A world for tests of the search: it writes down what the case asks for, and nothing else happens. */
export async function toyPlay(playing: Case): Promise<History> {
  const recorder = new Recorder(() => 0);
  recorder.record({
    type: 'case-started',
    actor: 'world',
    scenario: playing.scenario,
    seed: playing.seed,
    world: 'toy',
    planned: {
      asks: playing.users.flatMap(({ id, actions }) =>
        actions.flatMap((action) => (action.do === 'ask' ? [{ user: id, run: action.run }] : [])),
      ),
      faults: 0,
      contaminations: playing.contaminations.length,
    },
    bounds: { runMs: 1 },
  });
  playing.contaminations.forEach((contamination, fault) => {
    const fate = { do: 'contaminate', path: [...contamination.path], recipe: contamination.recipe };
    recorder.record({ type: 'fault-fired', actor: 'faults', fault, name: faultName(contamination), fate });
  });
  recorder.record({ type: 'case-ended', actor: 'world', reason: 'quiet' });
  return recorder.history();
}

/** Broken where a contamination of this recipe fired; its place is the path. */
export function neverMeets(recipe: string): Invariant {
  return {
    name: `never-meets-${recipe}`,
    promise: 'sanitisation',
    says: `No ${recipe} is ever met.`,
    check(history) {
      const met = eventsOf(history, 'fault-fired').flatMap(({ seq, fate }) => {
        const { recipe: name, path } = fate as { recipe: string; path: string[] };
        return name === recipe ? [{ why: `a ${recipe} was met`, shownBy: [seq], place: path.join('/') }] : [];
      });
      return {
        verdict: met.length > 0 ? { is: 'broken', violations: met } : { is: 'holds' },
        checked: 1,
        coverage: 'exercised',
      };
    },
  };
}

export const toyScenario: Scenario = {
  id: 'toy/poison',
  title: 'A toy',
  cases: casePlans({
    contaminations: contaminationsAt(
      [
        { wire: 'agent', kind: 'data', path: ['a'] },
        { wire: 'agent', kind: 'data', path: ['b'] },
        { wire: 'agent', kind: 'data', path: ['c'] },
      ],
      { of: ['function', 'undefined', 'nan', 'bigint', 'map', 'cycle', 'throwing-getter', 'class-instance'] },
    ),
  }),
  invariants: [neverMeets('map'), neverMeets('bigint')],
  metrics: [
    {
      name: 'requests',
      unit: 'count',
      measure: (history) => {
        const asked = eventsOf(history, 'case-started').flatMap(({ planned }) => planned.asks).length;
        return { hits: asked, of: asked };
      },
    },
  ],
};

export const toyTarget: ScenarioAt = { scenario: toyScenario, incident: 'toy', module: 'file:///toy.ts' };
export const toyRequest = { module: toyTarget.module, scenario: toyScenario.id };

/** Examines in this thread; the later of two cases may well be done before the earlier, as on real threads. */
export function toyRoom(
  threads: number,
  play = toyPlay,
  scenario = toyScenario,
): ExaminationRoom & { plays: number } {
  const room = {
    threads,
    plays: 0,
    async examine(playing: Case, request: { readonly keepHistory?: boolean }) {
      room.plays += 1;
      for (let hops = playing.seed % 7; hops > 0; hops--) await Promise.resolve();
      return examineWith(play, playing, request, scenario);
    },
  };
  return room;
}

export function toyWorld(name: ExploredWorld['name'], room: ExaminationRoom): ExploredWorld {
  return {
    name,
    redis: { kind: name === 'real' ? 'process' : 'simulated', version: '7.0.15' },
    room: () => room,
  };
}
