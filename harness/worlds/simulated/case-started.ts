import type { Case } from '../../case.ts';
import type { EventDraft } from '../../history.ts';
import { runMs } from '../../reference/config.ts';
import type { World } from '../../world.ts';

/** The first event of a history: what is to come, also what may never come. */
export function caseStarted(playing: Case, world: World['name'] = 'simulated'): EventDraft {
  return {
    type: 'case-started',
    actor: 'world',
    scenario: playing.scenario,
    seed: playing.seed,
    world,
    planned: {
      asks: playing.users.flatMap((user) =>
        user.actions.flatMap((action) => (action.do === 'ask' ? [{ user: user.id, run: action.run }] : [])),
      ),
      faults: playing.faults.length,
      contaminations: playing.contaminations.length,
    },
    bounds: { runMs },
  };
}
