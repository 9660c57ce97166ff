import type { WorldClock } from '../../clock.ts';

/** The wall's time since it was made, in milliseconds with one decimal. `stop` drops every timer that still runs. */
export function wallClock(): WorldClock & { stop(): void } {
  const began = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  return {
    now: () => Math.round((performance.now() - began) * 10) / 10,
    after(ms, run) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms);
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer);
      };
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
