import type { Defect } from '../../harness/scenario.ts';
import { deepCopyEngine } from './deep-copy-engine.ts';
import { droppingCodec } from './dropping-codec.ts';

const defects: readonly Defect[] = [
  {
    name: 'deep-copy',
    kind: 'as-reported',
    story:
      'The data agent failed inside the engine, which made a fallback result of it that held the live execution context. Results were handed on as objects, and the deep copy on the way into the next agent threw: exactly those who were handed that result failed. Inferred from the log, which names the two agents and the error, and from the source, in which no other place can raise it.',
    breaks: [{ scenario: '585/failed-agent', invariant: 'every-refusal-is-explained' }],
    passes: [],
    parts: (healthy) => ({ ...healthy, createEngine: deepCopyEngine(healthy.createEngine) }),
  },
  {
    name: 'dropped',
    kind: 'as-reported',
    story:
      'Results were written by plain JSON, wherever they went: what has no JSON form vanished from cache, stored state and events, or became something else, and nothing said so. Read in the source.',
    breaks: [{ scenario: '585/contaminated-results', invariant: 'nothing-is-lost-silently' }],
    passes: ['585/failed-agent'],
    parts: (healthy) => ({ ...healthy, codec: droppingCodec }),
  },
];

export default defects;
