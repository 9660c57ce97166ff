import type { Case } from '../../case.ts';
import { faultName, fits } from '../../fault.ts';
import type { EventDraft } from '../../history.ts';
import { agentMs, earlyMessages, peerMs, runMs } from '../../reference/config.ts';
import type { World } from '../../world.ts';

/** Faults that no world can carry out, since what they do does not fit the messages that they are for. */
export function unplayable(playing: Case): EventDraft[] {
  return playing.faults.flatMap((fault, index) => {
    const { wire, direction } = fault.at;
    const directions = direction === undefined ? (['request', 'reply'] as const) : [direction];
    if (directions.some((each) => fits(fault.fate.do, { wire, direction: each }))) return [];
    return [
      {
        type: 'fault-skipped',
        actor: 'faults',
        fault: index,
        name: faultName(fault),
        why: `${fault.fate.do} cannot be done to a ${direction ?? 'message'} on the ${wire} wire`,
      },
    ];
  });
}

/** What a history calls the process of the pipeline: `pipeline`, or `pipeline@<version>` for another version of it. */
export function processName(version: string | undefined): string {
  return version === undefined ? 'pipeline' : `pipeline@${version}`;
}

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
    bounds: { runMs, agentMs, peerMs, earlyMessages },
  };
}
