import type { Misbehaviour } from '../misbehaviour.ts';

/** Does it, for real: to be called where an agent runs, in a place that survives it. */
export function misbehave(fate: Misbehaviour): Promise<unknown> {
  switch (fate.do) {
    case 'hang':
      return new Promise(() => {});
    case 'return-nothing':
      return Promise.resolve(undefined);
    case 'spin':
      for (;;);
    case 'exit':
      return process.exit(7);
    case 'exhaust':
      return fate.what === 'heap' ? fillHeap() : fillBuffers();
  }
}

function fillHeap(): never {
  const held: number[][] = [];
  // Lists of numbers: nothing to look through for a collector, that would take its time before it gave up.
  for (;;) held.push(new Array(20_000).fill(held.length + 0.5));
}

function fillBuffers(): never {
  const held: Buffer[] = [];
  // Written to, or it would not be resident.
  for (;;) held.push(Buffer.alloc(1024 * 1024, 1));
}
