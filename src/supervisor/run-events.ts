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

  const failed = (thrown: unknown): PipelineError => {
    failure ??= storeFailure(thrown);
    return failure;
  };

  const send: RunEvents['emit'] = (type, agent, payload, pace) => {
    if (isClosed) return Promise.reject(new PipelineError('RUN_CANCELLED', { detail: 'the run has ended' }));
    if (failure !== undefined) return Promise.reject(failure);
    try {
      return means.emit(type, agent, payload, pace).catch((thrown) => {
        throw failed(thrown);
      });
    } catch (thrown) {
      // A payload that is no JSON is found before anything is promised.
      return Promise.reject(failed(thrown));
    }
  };

  return {
    emit(type, agent, payload, pace) {
      const sent = send(type, agent, payload, pace);
      // Whoever emits may let go of the promise; the failure is kept here and ends the run.
      sent.catch(ignored);
      return sent;
    },
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

function ignored(): void {}
