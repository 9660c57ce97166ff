import { PipelineError } from '../errors.ts';

/** What one run holds in memory, as far as it is known by size: prompts, answers, results of tools and agents. */
export interface RunLedger {
  /**
   * The run holds so many bytes more, until what this gives is called. Throws RUN_MEMORY_LIMIT where that is
   * more than a run may hold, and from then on always.
   */
  hold(bytes: number): () => void;
}

export interface RunLedgerMeans {
  readonly mostBytes: number;
  /** The run is over its limit: it has to end. Called once. */
  readonly exceeded: (error: PipelineError) => void;
}

export function createRunLedger({ mostBytes, exceeded }: RunLedgerMeans): RunLedger {
  let held = 0;
  let error: PipelineError | null = null;
  return {
    hold(bytes) {
      if (error !== null) throw error;
      held += bytes;
      if (held > mostBytes) {
        error = new PipelineError('RUN_MEMORY_LIMIT');
        exceeded(error);
        throw error;
      }
      let isHeld = true;
      return () => {
        if (isHeld) held -= bytes;
        isHeld = false;
      };
    },
  };
}
