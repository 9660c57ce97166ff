import { afterAll, beforeAll, describe, type TestContext } from 'vitest';
import type { World } from '../../world.ts';
import { asOne } from './several-worlds.ts';

/** A world to be held against the suite, or why it cannot be had on this machine. */
export type Candidate = { readonly world: World } | { readonly unavailable: string };

/** The world for a test, which is skipped where there is none. */
export type WorldFor = (context: TestContext) => World;

export interface Held {
  open(): Promise<Candidate>;
  /** How many are opened, so that as many tests can play at once (default: one). */
  readonly worlds?: number;
  readonly against: readonly ((worldFor: WorldFor) => void)[];
}

/**
 * What every world must do. A world that cannot be had is skipped with its reason; with
 * FAULTLINE_REQUIRE_CONTAINERS=1 the skip is a failure.
 */
export function describeWorld(name: string, { open, worlds = 1, against }: Held): void {
  describe(name, () => {
    let opened: readonly World[] = [];
    let candidate: Candidate = { unavailable: 'it was not opened' };
    beforeAll(async () => {
      const candidates = await Promise.all(Array.from({ length: worlds }, open));
      opened = candidates.flatMap((each) => ('world' in each ? [each.world] : []));
      candidate = candidates.find((each) => 'unavailable' in each) ?? { world: asOne(opened) };
    });
    afterAll(async () => {
      await Promise.all(opened.map((world) => world.close()));
    });
    const worldFor: WorldFor = (context) => {
      if ('world' in candidate) return candidate.world;
      if (process.env.FAULTLINE_REQUIRE_CONTAINERS === '1') throw new Error(candidate.unavailable);
      return context.skip(candidate.unavailable);
    };
    for (const topic of against) topic(worldFor);
  });
}
