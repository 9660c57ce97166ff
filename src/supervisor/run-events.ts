import { PipelineError } from '../errors.ts';
import type { RunMeans } from './run-means.ts';

/** A run's way to its user: events go out in the order in which they were handed over. */
export interface RunEvents {
  readonly emit: RunMeans['emit'];
  /** The rejection after which no event can follow; undefined while all is well. */
  failure(): PipelineError | undefined;
  /** Lets no further event out: what comes after the run's end is nobody's. */
  close(): void;
}

/** Once an event could not be made durable every later one is refused: a log with a gap would lie. */
export function createRunEvents(means: RunMeans): RunEvents {
  let failure: PipelineError | undefined;
  let isClosed = false;

  const emit: RunEvents['emit'] = async (type, agent, payload, pace) => {
    if (isClosed) throw new PipelineError('RUN_CANCELLED', { detail: 'the run has ended' });
    if (failure !== undefined) throw failure;
    try {
      await means.emit(type, agent, payload, pace);
    } catch (thrown) {
      failure ??= storeFailure(thrown);
      throw failure;
    }
  };

  return {
    emit: (...event) => handled(emit(...event)),
    failure: () => failure,
    close() {
      isClosed = true;
    },
  };
}

function storeFailure(thrown: unknown): PipelineError {
  return thrown instanceof PipelineError && thrown.code === 'STORE_UNAVAILABLE'
    ? thrown
    : new PipelineError('STORE_UNAVAILABLE', { detail: 'an event could not be made durable', cause: thrown });
}

/** Whoever emits may let go of the promise; the failure is kept here and ends the run. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
