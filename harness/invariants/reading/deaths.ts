import { type EventOf, eventsOf, type History } from '../../history.ts';
import { once } from './once.ts';
import { refusedStartsOf } from './refused-starts.ts';

/** For what is on its way when a process dies or a shortage ends, and for a machine that is slow. */
export const momentMs = 1_000;

/**
 * Where a process of the pipeline died, by itself or by a fault: what was in its hands is lost. Not so where
 * a store died: what that means for others is read as a fault on its wire (`wire-faults.ts`). A start that was
 * refused is one where what it lacked was really lacking: else whoever never starts would be excused of all.
 */
export const deathsOf: (history: History) => EventOf<'process-exited'>[] = once((history) => {
  const explained = new Set(
    refusedStartsOf(history).flatMap(({ exit, isExplained }) => (isExplained ? [exit] : [])),
  );
  return eventsOf(history, 'process-exited').filter(
    (exit) =>
      exit.cause !== 'asked' && exit.process !== 'redis' && (exit.cause !== 'refused' || explained.has(exit)),
  );
});
