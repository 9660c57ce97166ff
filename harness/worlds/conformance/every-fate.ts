import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../history.ts';
import { type WireName, wireNames } from '../../message.ts';
import { caseWith, plannedFates } from '../conformance-cases.ts';
import type { WorldFor } from './describe-world.ts';
import { answersIn } from './readings.ts';

/** Every fate of a message, on all wires or these. */
export function everyFate(worldFor: WorldFor, wires: readonly WireName[] = wireNames): void {
  describe.concurrent('carries out every fate on every wire where it fits', () => {
    it.for(plannedFates(wires))('$title', async ({ fault }, context) => {
      const history = await worldFor(context).play(caseWith({ faults: [fault] }));
      const fired = eventsOf(history, 'fault-fired');
      const skipped = eventsOf(history, 'fault-skipped');
      if (skipped.length > 0) return context.skip(skipped.map(({ why }) => why).join('; '));
      expect(fired).toMatchObject([{ fault: 0, fate: fault.fate }]);
      expect(answersIn(history)).toContain('bob/run-1');
    });
  });
}
