import type { Defect } from '../../harness/scenario.ts';
import type { ContextManager, ContextMeans } from '../../src/context/context-manager.ts';
import type { Parts } from '../../src/parts.ts';
import { newestWins } from './newest-wins.ts';
import { sharedMetadata } from './shared-metadata.ts';
import { ThreadLock } from './thread-lock.ts';
import { noGuard, unlocked } from './unlocked.ts';

const scenario = '375/context-races';

const defects: readonly Defect[] = [
  {
    name: 'unlocked',
    kind: 'as-reported',
    story:
      'A context was created, validated and registered with waits between, and nothing kept a second one of the same user out: both found that the user may have one more. Told in the report, and read in the source.',
    breaks: [
      { scenario, invariant: 'no-user-has-more-runs-than-allowed' },
      // What one process knows of its own, another does not: no race is needed.
      { scenario: '375/two-gateways', invariant: 'no-user-has-more-runs-than-allowed', needs: 0 },
    ],
    passes: [],
    parts: (healthy) => managing(healthy, (_, means) => unlocked(means, noGuard)),
  },
  {
    name: 'newest-wins',
    kind: 'as-reported',
    story:
      'The context of a run was looked up by its user, and the most recently stored one was taken: of two runs that began together both were worked on as the newer one. Read in the source.',
    breaks: [{ scenario, invariant: 'two-runs-never-mix' }],
    passes: [],
    parts: (healthy) => managing(healthy, (contexts) => newestWins(contexts, () => {})),
  },
  {
    name: 'shared-metadata',
    kind: 'as-reported',
    story:
      'What a context carried lay in an object that all contexts of a user shared and each new one wrote into. Told in the report; how far it was shared is inferred from the source.',
    breaks: [{ scenario, invariant: 'two-runs-never-mix', needs: 0 }],
    passes: [],
    parts: (healthy) => managing(healthy, (contexts) => sharedMetadata(contexts)),
  },
  {
    name: 'thread-locks',
    kind: 'half-fix',
    story:
      'Creation was put under a lock of the thread, which the thread that holds it may take again: on one event loop it excludes nothing. Read in the source; it was never replaced.',
    breaks: [{ scenario, invariant: 'no-user-has-more-runs-than-allowed' }],
    passes: [],
    parts: (healthy) => managing(healthy, (_, means) => unlocked(means, new ThreadLock())),
  },
  {
    name: 'only-logged',
    kind: 'half-fix',
    story:
      'A detector noticed that a run was about to be worked on under the context of another, wrote "cross_contamination_detected" into the log with high severity, and let it go on. Read in the source.',
    breaks: [{ scenario, invariant: 'two-runs-never-mix' }],
    passes: [],
    parts: (healthy) =>
      managing(healthy, (contexts, { log }) =>
        newestWins(contexts, (run, { correlationId, runId, userId }) => {
          if (runId === run.runId) return;
          log.error(
            { code: 'CONTEXT_INVALID', correlation_id: correlationId, user: userId, run: run.runId },
            'cross_contamination_detected',
          );
        }),
      ),
  },
];

export default defects;

function managing(
  healthy: Parts,
  change: (contexts: ContextManager, means: ContextMeans) => ContextManager,
): Parts {
  const { createContextManager } = healthy.gateway;
  return {
    ...healthy,
    gateway: {
      ...healthy.gateway,
      createContextManager: (means) => change(createContextManager(means), means),
    },
  };
}
