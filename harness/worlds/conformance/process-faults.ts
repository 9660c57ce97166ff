import { describe, expect, it } from 'vitest';
import type { Case } from '../../case.ts';
import { eventsOf, type History } from '../../history.ts';
import { cleanCase, processCases } from '../conformance-cases.ts';
import type { WorldFor } from './describe-world.ts';
import { answersIn, storedKeys } from './readings.ts';

/** Everything that befalls processes. */
export function processFaults(worldFor: WorldFor): void {
  describe.concurrent('carries out everything that befalls processes', () => {
    it.for(processCases())('$title', async ({ playing }, context) => {
      const history = await worldFor(context).play(playing);
      const skipped = eventsOf(history, 'fault-skipped');
      if (skipped.length > 0) return context.skip(skipped.map(({ why }) => why).join('; '));
      const [fault] = playing.process ?? [];
      expect(eventsOf(history, 'fault-fired')).toMatchObject([{ fault: 0, fate: fault?.fate }]);
      expect(processesIn(history)).toEqual(processesUnder(playing));
      const lasts = fault?.fate.do !== 'jump-clock';
      expect(eventsOf(history, 'fault-ended')).toMatchObject(lasts ? [{ fault: 0 }] : []);
      expect(answersIn(history)).toContain('bob/run-3');
      if (fault?.fate.do === 'fill-memory') {
        const [full = 0, empty = 0] = eventsOf(history, 'measured').map(({ bytes }) => bytes);
        // What else it took or gave back meanwhile is little beside that.
        expect(full - empty).toBeGreaterThan(fault.fate.bytes / 2);
      }
      if (fault?.fate.do === 'kill-redis') {
        const keys = storedKeys(history).filter((key) => key.includes('u:alice:r:run-1:'));
        expect(keys.length > 0).toBe(fault.fate.data === 'kept');
      }
    });
  });

  it('ends each of two that overlap in one process', async (context) => {
    const [{ playing } = { playing: cleanCase() }] = processCases().filter(
      ({ title }) => title === 'fill-memory',
    );
    const both = (playing.process ?? []).flatMap((fault) => [fault, fault]);
    const history = await worldFor(context).play({ ...playing, process: both });
    expect(eventsOf(history, 'fault-fired')).toMatchObject([{ fault: 0 }, { fault: 1 }]);
    expect(
      eventsOf(history, 'fault-ended')
        .map(({ fault }) => fault)
        .sort(),
    ).toEqual([0, 1]);
    expect(eventsOf(history, 'measured')).toHaveLength(4);
  });
}

/** Who started and who ended, by process. */
function processesIn(history: History): string[] {
  return history.events
    .flatMap((event) => {
      if (event.type === 'process-started') return [`${event.process} started`];
      return event.type === 'process-exited' ? [`${event.process} ${event.cause}`] : [];
    })
    .sort();
}

function processesUnder({ process, secondGateway }: Case): string[] {
  const gateways = ['pipeline', ...(secondGateway === undefined ? [] : ['pipeline-2'])];
  const killed = (process ?? []).flatMap(({ fate }) => {
    if (fate.do === 'kill-redis') return ['redis'];
    return fate.do === 'kill-gateway' ? [gateways[(fate.gateway ?? 1) - 1] ?? ''] : [];
  });
  return [
    ...gateways.flatMap((name) => [`${name} started`, `${name} asked`]),
    ...killed.flatMap((name) => [`${name} killed`, `${name} started`]),
  ].sort();
}
