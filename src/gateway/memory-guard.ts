import { PipelineError } from '../errors.ts';
import type { MemoryPort } from '../ports.ts';

/** What keeps a process from taking on more than it has memory for. */
export interface MemoryGuard {
  /** To be asked before anything is spent on a run. Throws OVERLOADED. */
  admit(): void;
}

export interface MemoryGuardMeans {
  readonly memory: MemoryPort;
  /** What the process may have; above, it takes on no new run, and those that it has go on. */
  readonly mostBytes: number;
  /** The process is over what it may have: how much it has. */
  readonly over: (bytes: number) => void;
}

export function createMemoryGuard({ memory, mostBytes, over }: MemoryGuardMeans): MemoryGuard {
  return {
    admit() {
      const bytes = memory.usedBytes();
      if (bytes <= mostBytes) return;
      over(bytes);
      throw new PipelineError('OVERLOADED');
    },
  };
}
