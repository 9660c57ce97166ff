import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../history.ts';
import { cleanCase, lackCases } from '../conformance-cases.ts';
import type { WorldFor } from './describe-world.ts';
import { answersIn } from './readings.ts';

/** Everything that a start may lack. */
export function starts(worldFor: WorldFor): void {
  describe.concurrent('carries out everything that a start may lack', () => {
    it.for(lackCases())('$title', async ({ playing, lacks }, context) => {
      const history = await worldFor(context).play(playing);
      const skipped = eventsOf(history, 'fault-skipped');
      if (skipped.length > 0) return context.skip(skipped.map(({ why }) => why).join('; '));
      expect(eventsOf(history, 'fault-fired')).toMatchObject(
        lacks.map((lack, fault) => ({
          fault,
          name: `lack ${lack.dependency}`,
          fate: { do: 'lack', ...lack },
        })),
      );
      const [first, ...later] = eventsOf(history, 'start-refused').map(({ names }) => names);
      const causes = eventsOf(history, 'process-exited').map(({ cause }) => cause);
      const serves = lacks.every(({ state }) => state === 'late');
      expect(answersIn(history).includes('bob/run-1')).toBe(serves);
      // An operator starts it once more, and then no more.
      expect(causes).toEqual(serves ? ['asked'] : ['refused', 'refused']);
      expect([...(first ?? [])].sort()).toEqual(
        serves ? [] : lacks.map(({ dependency }) => dependency).sort(),
      );
      expect(later).toHaveLength(serves ? 0 : 1);
    });

    it('starts in the degraded mode where that is asked for in development', async (context) => {
      const { users, ...rest } = cleanCase();
      const history = await worldFor(context).play({
        ...rest,
        users: users.map((user) => ({ ...user, client: 'raw' as const })),
        startup: {
          environment: 'development',
          degraded: true,
          lacks: [{ dependency: 'model', state: 'null' }],
        },
      });
      expect(eventsOf(history, 'start-refused')).toEqual([]);
      expect(eventsOf(history, 'connection-refused').map(({ code }) => code)).toContain('SERVICE_NOT_READY');
      expect(eventsOf(history, 'health')).toMatchObject([
        { status: 503, body: { missing: [{ dependency: 'model' }] } },
      ]);
    });
  });
}
