import { type EventOf, eventsOf, type History } from '../../history.ts';
import { once } from './once.ts';

/** When a process was started in the place of one that ended, and not refused, ms; infinity where none was. */
export const returnsOf: (history: History) => (exit: EventOf<'process-exited'>) => number = once(
  (history) => {
    const refused = new Set(
      eventsOf(history, 'process-exited').flatMap((exit) => (exit.cause === 'refused' ? [nameOf(exit)] : [])),
    );
    const starts = eventsOf(history, 'process-started').filter((start) => !refused.has(nameOf(start)));
    return ({ process, seq }) =>
      starts.find((start) => start.seq > seq && placeOf(start.process) === placeOf(process))?.at ??
      Number.POSITIVE_INFINITY;
  },
);

/** Another version takes the place of the one before. */
export function placeOf(process: string): string {
  return process.split('@', 1)[0] ?? process;
}

function nameOf({ process, instance }: { readonly process: string; readonly instance: number }): string {
  return `${process} ${instance}`;
}
