import type { Clock } from '../../src/ports.ts';
import type { Prerequisite } from '../../src/prerequisites/prerequisites.ts';

const keptMs = 30_000;

/** The same check, which is not made again for half a minute after it found nothing wrong. */
export function rememberingSuccesses(check: Prerequisite, clock: Clock): Prerequisite {
  let wellUntil = Number.NEGATIVE_INFINITY;
  return {
    ...check,
    find(asked) {
      if (clock.now() < wellUntil) return null;
      const found = check.find(asked);
      const keep = (): void => {
        wellUntil = clock.now() + keptMs;
      };
      if (found === null) {
        keep();
        return null;
      }
      if (!(found instanceof Promise)) return found;
      return found.then((trouble) => {
        if (trouble === null) keep();
        return trouble;
      });
    },
  };
}
