import { HarnessError } from '../harness/errors.ts';
import { roomIn } from '../harness/explore/examine.ts';
import type { ExploredWorld } from '../harness/explore/explore.ts';
import { createRealWorld } from '../harness/worlds/real/world.ts';
import { createSimulatedPool } from '../harness/worlds/simulated/pool.ts';
import { redisInSimulation } from '../harness/worlds/simulated/redis-version.ts';
import type { WorldChoice } from './arguments.ts';
import { say } from './talk.ts';

/** A world to explore in, and how to leave it. */
export type OpenWorld = ExploredWorld & { close(): Promise<void> };

/** The simulated world, on all cores. */
export function openSimulated(): OpenWorld {
  const pool = createSimulatedPool();
  return { name: 'simulated', redis: redisInSimulation, room: () => pool, close: () => pool.close() };
}

/** The real world on the Redis that was asked for; says what was lost where a better one could not be had. */
export async function openReal(redis: string, signal: AbortSignal): Promise<OpenWorld> {
  const world = await createRealWorld({ redis, progress: say, signal });
  for (const note of world.notes) say(note);
  return {
    name: 'real',
    redis: world.redis,
    room: (scenario) => roomIn(world, scenario, signal),
    close: () => world.close(),
  };
}

/** Rejects two options that cannot both be kept; `any` and none are no Redis that was asked for. */
export function refuseRedisInSimulation(world: WorldChoice | undefined, redis = 'any'): void {
  if (world !== 'simulated' || redis === 'any') return;
  throw new HarnessError(
    'usage',
    `--redis ${redis} (or FAULTLINE_REDIS) is for the real world, and --world simulated leaves it out`,
    'Leave one of them out.',
  );
}

/** What stands in the output's first lines: which world, on which Redis. */
export function describeWorld({ name, redis }: Pick<ExploredWorld, 'name' | 'redis'>): string {
  return `${name} world, Redis ${redis.version} (${redis.kind})`;
}
