import type { Case } from './case.ts';
import type { History } from './history.ts';

/**
 * Plays cases and gives back histories; nothing else leaves a world. One conformance suite
 * (`worlds/conformance/`) holds for every world.
 */
export interface World {
  readonly name: 'simulated' | 'real';
  /** Which Redis stands in it. */
  readonly redis: RedisInUse;
  /** Rejects with a HarnessError when the world itself fails, never because the pipeline does. */
  play(playing: Case, options?: PlayOptions): Promise<History>;
  close(): Promise<void>;
}

export interface RedisInUse {
  /** `simulated` only in simulation; `embedded` is the same server over TCP. */
  readonly kind: 'simulated' | 'url' | 'container' | 'process' | 'embedded';
  readonly version: string;
}

export interface PlayOptions {
  /** Which defect replaces a part of the pipeline; none: the pipeline as it is. */
  readonly defect?: DefectReference;
  /** File URL of the scenario's module: the versions that a case names are its defects, or those beside it. */
  readonly module?: string;
  readonly signal?: AbortSignal;
}

/** Where a defect's code is, so that a worker or a child process can load it. */
export interface DefectReference {
  /** File URL of the module whose default export is the list of defects. */
  readonly module: string;
  readonly name: string;
}
