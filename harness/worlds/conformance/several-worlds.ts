import type { World } from '../../world.ts';

/**
 * Worlds of one kind as one that plays as many cases at once as they are. Of those that are free the one that
 * played last plays next: what a play leaves behind, the next one finds.
 */
export function asOne(worlds: readonly World[]): World {
  const [first] = worlds;
  if (first === undefined) throw new Error('no world was opened');
  const idle = [...worlds].reverse();
  const waiting: ((world: World) => void)[] = [];
  const free = async (): Promise<World> =>
    idle.pop() ?? new Promise<World>((resolve) => waiting.push(resolve));
  return {
    name: first.name,
    redis: first.redis,
    async play(playing, options) {
      const world = await free();
      try {
        return await world.play(playing, options);
      } finally {
        const next = waiting.shift();
        if (next === undefined) idle.push(world);
        else next(world);
      }
    },
    async close() {
      await Promise.all(worlds.map((world) => world.close()));
    },
  };
}
