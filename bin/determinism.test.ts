import { expect, it } from 'vitest';
import type { Examination } from '../harness/explore/examination.ts';
import { twiceOver } from './determinism.ts';
import type { OpenWorld } from './worlds.ts';

it.each([
  ['the same', ['a', 'a'], true],
  ['not the same', ['a', 'b'], false],
])('two plays whose hashes are %s, also where no history is left to compare', async (_what, hashes, same) => {
  const left = [...hashes];
  const world = {
    room: () => ({ examine: async () => ({ hash: left.shift() }) as Examination }),
  } as unknown as OpenWorld;
  const played = twiceOver(world)
    .room({} as never)
    .examine({ seed: 1, scenario: 'x' } as never, {} as never);
  if (same) expect(await played).toEqual({ hash: 'a' });
  else await expect(played).rejects.toThrow('the simulation is not deterministic: seed 1 of x');
});
