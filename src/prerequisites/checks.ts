import type { Circuits } from '../breakers/circuits.ts';
import type { Store } from '../delivery/store.ts';
import type { Watch } from '../dependencies/watch.ts';
import { PipelineError } from '../errors.ts';
import type { Prerequisite } from './prerequisites.ts';

/** What a run needs, in the order in which it would miss it. */
export function runPrerequisites(stand: {
  /** The scope that a token needs to start runs; empty: any good token will do. */
  readonly startScope: string;
  /** What of the supervisor's parts is missing now. */
  readonly missingParts: () => readonly string[];
  readonly store: Store;
  /** Longer than this nobody waits for a connection to Redis. */
  readonly storeMs: number;
  readonly model: { readonly watch: Watch; readonly circuits: Circuits } | null;
}): readonly Prerequisite[] {
  const { startScope, store, model } = stand;
  return [
    {
      name: 'permissions',
      find: ({ scopes }) =>
        startScope === '' || scopes?.includes(startScope) === true
          ? null
          : new PipelineError('PERMISSION_DENIED', { detail: `the token grants no ${startScope}` }),
    },
    {
      name: 'registry',
      find() {
        const missing = stand.missingParts();
        return missing.length === 0
          ? null
          : new PipelineError('SERVICE_NOT_READY', { detail: missing.join(', ') });
      },
    },
    {
      name: 'stores',
      find() {
        // The first thing that a run does is to write there: whether that works need not be tried beforehand.
        if (store.redis.status === 'ready') return null;
        return store
          .whenReady(stand.storeMs)
          .then((ready) =>
            ready ? null : new PipelineError('STORE_UNAVAILABLE', { detail: 'no connection to Redis' }),
          );
      },
    },
    {
      name: 'model',
      find({ userId }) {
        if (model === null) return null;
        const { circuits, watch } = model;
        if (circuits.isOpen() || circuits.isOpenFor(userId)) return new PipelineError('MODEL_CIRCUIT_OPEN');
        return watch.trouble();
      },
      wasWell: () => model?.watch.wasWell() ?? true,
    },
  ];
}
