import type { Defect } from '../../harness/scenario.ts';
import type { Parts } from '../../src/parts.ts';
import { cachingLiveResults } from './caching-live-results.ts';
import { returningDirtyResults, storingCleanCopyBeside } from './clean-copy-beside.ts';
import { deepCopyEngine } from './deep-copy-engine.ts';
import { droppingCodec } from './dropping-codec.ts';
import { flattenedByName } from './name-patterns.ts';
import { promiseRegistry } from './promise-registry.ts';
import { withStringDefault } from './string-default.ts';
import { stringified } from './stringified.ts';
import { type OldEntry, takeAllCache } from './take-all-cache.ts';

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
    name: 'stringified',
    kind: 'as-reported',
    story:
      'The cache was given the live result and never failed: JSON, else a binary clone, else the text of the object. What came back was "[object Object]", and a hit was counted. Read in the source.',
    breaks: [
      { scenario: '585/contaminated-results', invariant: 'stored-and-sent-values-are-clean' },
      { scenario: '585/old-entries', invariant: 'old-entries-are-never-taken-for-data' },
    ],
    passes: ['585/failed-agent'],
    parts: (healthy) => withOldCache(healthy, stringified),
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
  {
    name: 'clean-copy-beside',
    kind: 'half-fix',
    story:
      'A sanitiser made a clean copy of a dirty result, and the engine stored it as `<agent>_sanitized`; it still returned the dirty result, which was still handed on and deep-copied. Read in the source of the fix.',
    breaks: [{ scenario: '585/contaminated-results', invariant: 'every-refusal-is-explained' }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      createEngine: returningDirtyResults(healthy.createEngine),
      createRunStates: (options) => storingCleanCopyBeside(healthy.createRunStates(options), options.codec),
    }),
  },
  {
    name: 'string-default',
    kind: 'half-fix',
    story:
      'The cache wrote JSON with a default for whatever has no JSON form: "<module>" and "<function …>" stood where data belongs, and nothing said so. Read in the source of the fix.',
    breaks: [{ scenario: '585/contaminated-results', invariant: 'nothing-is-lost-silently' }],
    passes: ['585/failed-agent'],
    parts: (healthy) => withOldCache(healthy, withStringDefault),
  },
  {
    name: 'name-patterns',
    kind: 'half-fix',
    story:
      'The cache flattened every object whose class had a suspicious part of a word in its name, and with "io" and "agent" among them healthy results as well. Read in the source of the fix.',
    breaks: [{ scenario: '585/contaminated-results', invariant: 'clean-results-come-back-exactly' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => withOldCache(healthy, flattenedByName),
  },
  {
    name: 'cached-instances',
    kind: 'as-reported',
    story:
      'The adapter of the agent registry was synchronous and its factories were not: it kept the promise that a factory returned and handed that out in place of an agent. Triage and actions failed, whatever was asked. Seen in the log of the same day, and read in the source.',
    breaks: [{ scenario: '585/contaminated-results', invariant: 'every-refusal-is-explained' }],
    passes: [],
    spoilsCleanWork: true,
    parts: (healthy) => ({ ...healthy, createRegistry: promiseRegistry }),
  },
];

export default defects;

/** The cache of the old platform, and the engine that gave it what agents returned. */
function withOldCache(healthy: Parts, write: (entry: OldEntry) => string): Parts {
  return {
    ...healthy,
    createEngine: cachingLiveResults(healthy.createEngine),
    createCache: (options) => takeAllCache(options, write),
  };
}
