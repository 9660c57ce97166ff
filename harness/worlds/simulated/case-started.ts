import type { Case } from '../../case.ts';
import type { EventDraft } from '../../history.ts';
import { runMs } from '../../reference/config.ts';

/** The first event of a simulated history: what is to come, also what may never come. */
export function caseStarted(playing: Case): EventDraft {
  return {
    type: 'case-started',
    actor: 'world',
    scenario: playing.scenario,
    seed: playing.seed,
    world: 'simulated',
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
