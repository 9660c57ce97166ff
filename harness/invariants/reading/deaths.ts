import { type EventOf, eventsOf, type History } from '../../history.ts';
import { once } from './once.ts';

/**
 * Where a process of the pipeline died, by itself or by a fault: what was in its hands is lost. Not so where
 * a store died: what that means for others is read as a fault on its wire (`wire-faults.ts`).
 */
export const deathsOf: (history: History) => EventOf<'process-exited'>[] = once((history) =>
  eventsOf(history, 'process-exited').filter(
    ({ cause, process }) => cause !== 'asked' && process !== 'redis',
  ),
);
