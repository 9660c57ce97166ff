import type { Defect } from '../../harness/scenario.ts';
import { trackedEngine } from './tracked-engine.ts';
import { zombiePulses } from './zombie-pulses.ts';

const scenario = '384/heartbeat';

const defects: readonly Defect[] = [
  {
    name: 'no-heartbeat',
    kind: 'as-reported',
    story:
      'The heartbeat had been disabled. A connection of which only one half was left stayed open for ever.',
    breaks: [{ scenario, invariant: 'dead-peers-are-noticed-in-time' }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      gateway: { ...healthy.gateway, createHeartbeat: () => ({ heard: () => {}, stop: () => {} }) },
    }),
  },
  {
    name: 'zombie-pulse',
    kind: 'half-fix',
    story:
      'Each agent had a loop of its own that told its pulse. Nothing but the end of the whole run ended it: the pulse of an agent that was long dead went on, and hid that it was.',
    breaks: [{ scenario, invariant: 'no-pulse-survives-its-agent' }],
    passes: [],
    parts: (healthy) => ({ ...healthy, gateway: { ...healthy.gateway, createPulses: zombiePulses } }),
  },
  {
    name: 'deaf-tracker',
    kind: 'half-fix',
    story:
      'A tracker, one for the whole process, declared an execution dead from which it had heard nothing for 10 s. Since the heartbeat was disabled it never heard from any.',
    breaks: [{ scenario, invariant: 'no-living-one-is-declared-dead', needs: 3 }],
    passes: [],
    parts: (healthy) => ({ ...healthy, createEngine: trackedEngine(healthy.createEngine) }),
  },
];

export default defects;
