import { describe, expect, it } from 'vitest';
import { eventsOf, type History } from '../../history.ts';
import { wireNames } from '../../message.ts';
import { cleanCase } from '../conformance-cases.ts';
import type { WorldFor } from './describe-world.ts';
import { answersIn, storedKeys } from './readings.ts';

/** A case in which nothing is wrong, and the same again. */
export function cleanCases(worldFor: WorldFor): void {
  describe('a clean case', () => {
    let history: History;

    it('ends with an answer for every run', async (context) => {
      history = await worldFor(context).play(cleanCase());
      expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-2', 'bob/run-1']);
      expect(eventsOf(history, 'gave-up')).toEqual([]);
    });

    it('is framed by its start and its end, numbered without gaps, in the order of time', (context) => {
      worldFor(context);
      const { events } = history;
      expect(events[0]).toMatchObject({
        type: 'case-started',
        planned: { asks: [{ user: 'alice' }, { user: 'alice' }, { user: 'bob' }], faults: 0 },
      });
      expect(events.at(-1)).toMatchObject({ type: 'case-ended', reason: 'quiet' });
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.every(({ at }, index) => at >= (events[index - 1]?.at ?? 0))).toBe(true);
    });

    it('shows what happened on every wire, and who was started', (context) => {
      worldFor(context);
      const wires = new Set(eventsOf(history, 'passed').map(({ message }) => message?.split(/[<>]/)[0]));
      expect([...wires].sort()).toEqual([...wireNames].sort());
      expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }]);
      expect(eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'crashed')).toEqual([]);
    });

    it('shows what the model was asked, and the proof that it answered', (context) => {
      worldFor(context);
      const prompted = eventsOf(history, 'prompted').map(({ user, run, agent }) => `${user}/${run}/${agent}`);
      expect(prompted).toContain('bob/run-1/triage');
      const answered = eventsOf(history, 'answered');
      expect(answered).toHaveLength(prompted.length);
      expect(new Set(answered.map(({ proof }) => proof)).size).toBe(answered.length);
    });

    it('shows what lies in Redis at rest, on all roads, and that it expires', (context) => {
      worldFor(context);
      const stored = eventsOf(history, 'stored');
      const roads = new Set(stored.map(({ road }) => road));
      expect([...roads].sort()).toEqual(['cache', 'delivery', 'events', 'persistence']);
      expect(stored.filter(({ expires }) => !expires)).toEqual([]);
    });

    it('shows health and metrics at its end', (context) => {
      worldFor(context);
      expect(eventsOf(history, 'health')).toMatchObject([{ probe: 'ready', status: 200 }]);
      expect(eventsOf(history, 'metric').length).toBeGreaterThan(0);
    });

    it('finds nothing of it when it is played again', async (context) => {
      const again = await worldFor(context).play(cleanCase());
      expect(answersIn(again)).toEqual(answersIn(history));
      expect(storedKeys(again)).toEqual(storedKeys(history));
    });
  });
}
