import { HarnessError } from '../harness/errors.ts';
import { firstDifference } from '../harness/worlds/simulated/determinism.ts';
import type { OpenWorld } from './worlds.ts';

/** The same world, in which every case is played twice: rejects at the first whose histories are not the same, byte for byte. */
export function twiceOver(world: OpenWorld): OpenWorld {
  return {
    ...world,
    room: (scenario) => {
      const room = world.room(scenario);
      return {
        threads: room.threads,
        examine: async (playing, request) => {
          const first = await room.examine(playing, { ...request, keepHistory: true });
          const second = await room.examine(playing, { ...request, keepHistory: true });
          if (first.hash !== second.hash) {
            const difference =
              first.history === undefined || second.history === undefined
                ? undefined
                : firstDifference(first.history, second.history);
            throw new HarnessError(
              'internal',
              `the simulation is not deterministic: seed ${playing.seed} of ${playing.scenario} gave two histories that part at event ${difference?.at ?? '(unknown)'}`,
              'Something in the pipeline or the scenario reads a clock, dice or outside state that does not come in through a port.',
              [difference?.first, difference?.second].map((event) => JSON.stringify(event)).join('\n'),
            );
          }
          if (request.keepHistory === true) return first;
          const { history: _history, twin: _twin, ...light } = first;
          return light;
        },
      };
    },
  };
}

/** Rejects what cannot be promised: no two plays in the real world are the same, byte for byte. */
export function refuseDeterminismInReality(wanted: boolean | undefined, isReal: boolean): void {
  if (wanted !== true || !isReal) return;
  throw new HarnessError(
    'usage',
    '--check-determinism is for the simulated world only',
    'Leave it out, or use --world simulated.',
  );
}
