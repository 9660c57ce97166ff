import type { MemoryGuard, MemoryGuardMeans } from '../../src/gateway/memory-guard.ts';

/** The factory looked at the memory of its process, and above a mark it wrote a warning. That was all. */
export function onlyAWarning({ memory, mostBytes, over }: MemoryGuardMeans): MemoryGuard {
  return {
    admit() {
      const bytes = memory.usedBytes();
      if (bytes > mostBytes) over(bytes);
    },
  };
}
