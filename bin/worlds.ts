import { examineWith } from '../harness/explore/examine.ts';
import type { ExploredWorld } from '../harness/explore/explore.ts';
import type { World } from '../harness/world.ts';
import { createRealWorld } from '../harness/worlds/real/world.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import { redisInSimulation } from '../harness/worlds/simulated/redis-version.ts';
import { say } from './talk.ts';

/** A world to explore in, and how to leave it. */
export type OpenWorld = ExploredWorld & { close(): Promise<void> };

/** The simulated world over all cores. */
export function openSimulated(): OpenWorld {
  const pool = createSimulatedPool();
  return {
    name: 'simulated',
    redis: redisInSimulation,
    room: () => pool,
    close: () => pool.close(),
  };
}

/** The real world on the Redis that was asked for; says which one it became and what was lost with a better one. */
export async function openReal(redis: string, signal: AbortSignal): Promise<OpenWorld> {
  const world: World & { readonly notes: readonly string[] } = await createRealWorld({
    redis,
    progress: say,
    signal,
  });
  for (const note of world.notes) say(note);
  return {
    name: 'real',
    redis: world.redis,
    room: (scenario) => ({
      threads: 1,
      examine: (playing, request) =>
        examineWith(
          (each) =>
            world.play(each, { signal, ...(request.defect === undefined ? {} : { defect: request.defect }) }),
          playing,
          request,
          scenario,
        ),
    }),
    close: () => world.close(),
  };
}
