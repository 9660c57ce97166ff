import { Counter, type Registry } from 'prom-client';

/**
 * A counter of what happens with every event: counting is an addition, and the library's work (checking the
 * label, finding its series) is done when somebody looks.
 */
export function createTally<L extends string>(options: {
  readonly name: string;
  readonly help: string;
  readonly label: L;
  readonly registers: Registry[];
}): (value: string, count?: number) => void {
  const { name, help, label, registers } = options;
  const since = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: [label],
    registers,
    collect() {
      for (const [value, count] of since) this.inc({ [label]: value } as Record<L, string>, count);
      since.clear();
    },
  });
  return (value, count = 1) => {
    since.set(value, (since.get(value) ?? 0) + count);
  };
}

/** The same without a label. */
export function createPlainTally(options: {
  readonly name: string;
  readonly help: string;
  readonly registers: Registry[];
}): (count?: number) => void {
  let since = 0;
  new Counter({
    ...options,
    collect() {
      this.inc(since);
      since = 0;
    },
  });
  return (count = 1) => {
    since += count;
  };
}
