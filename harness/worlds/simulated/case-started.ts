import { canariesIn } from '../../canary.ts';
import type { Case } from '../../case.ts';
import { faultName, fits } from '../../fault.ts';
import type { EventDraft } from '../../history.ts';
import { whyNotIn } from '../../misbehaviour.ts';
import type { ProcessFaultCarrier } from '../../process-fault.ts';
import {
  agentMsIn,
  borneMs,
  earlyMessages,
  knownMs,
  messageRate,
  peerMs,
  prerequisiteMsIn,
  processBytes,
  returnMs,
  runBytes,
  runMs,
  runsPerUser,
  startMs,
  unreadBytes,
} from '../../reference/config.ts';
import type { World } from '../../world.ts';

/** Faults that do not fit the messages that they are for, which no world can carry out; and those on processes that this one cannot. */
export function unplayable(playing: Case, processes: ProcessFaultCarrier): EventDraft[] {
  const ahead = playing.faults.length + playing.contaminations.length;
  return [
    ...unfitting(playing),
    ...(playing.process ?? []).flatMap((fault, index): EventDraft[] => {
      const why = processes.whyNot(fault.fate);
      if (why === null) return [];
      const name = faultName(fault);
      return [{ type: 'fault-skipped', actor: 'faults', fault: ahead + index, name, why }];
    }),
  ];
}

function unfitting(playing: Case): EventDraft[] {
  return playing.faults.flatMap((fault, index) => {
    const { wire, direction } = fault.at;
    const directions = direction === undefined ? (['request', 'reply'] as const) : [direction];
    const isFit = directions.some((each) => fits(fault.fate.do, { wire, direction: each }));
    const why = isFit
      ? whyNotIn(playing.agentPlace ?? 'in-process', fault.fate)
      : `${fault.fate.do} cannot be done to a ${direction ?? 'message'} on the ${wire} wire`;
    if (why === null) return [];
    return [
      {
        type: 'fault-skipped',
        actor: 'faults',
        fault: index,
        name: faultName(fault),
        why,
      },
    ];
  });
}

/** What a history calls the process of the pipeline: `pipeline` (the second gateway's: `pipeline-2`), with `@<version>` for another version of it. */
export function processName(version: string | undefined, gateway = 1): string {
  const process = gateway === 1 ? 'pipeline' : `pipeline-${gateway}`;
  return version === undefined ? process : `${process}@${version}`;
}

const wayMsIn = { simulated: 10, real: 1_500 } as const;

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
      faults: playing.faults.length + (playing.process?.length ?? 0) + (playing.startup?.lacks.length ?? 0),
      contaminations: playing.contaminations.length,
      ...plantedIn(playing),
    },
    ...(playing.startup === undefined
      ? {}
      : {
          startup: {
            environment: playing.startup.environment ?? 'production',
            degraded: playing.startup.degraded === true,
          },
        }),
    bounds: {
      runMs,
      agentMs: agentMsIn(playing.agentPlace),
      peerMs,
      borneMs,
      returnMs,
      runsPerUser,
      runBytes,
      processBytes,
      unreadBytes,
      ...messageRate,
      ...playing.limits,
      earlyMessages,
      startMs,
      knownMs,
      // Beside the check itself: the way to the pipeline and back.
      refusedMs: prerequisiteMsIn[world] + wayMsIn[world],
    },
  };
}

/** Nothing where no canary was planted: then a history says nothing of any. */
function plantedIn({ users }: Case): { canaries?: { user: string; value: string }[] } {
  const canaries = users.flatMap(({ id, actions }) => {
    const words = actions.flatMap((action) => (action.do === 'ask' ? [action.thread, action.request] : []));
    return [...new Set(words.flatMap(canariesIn))].map((value) => ({ user: id, value }));
  });
  return canaries.length === 0 ? {} : { canaries };
}
