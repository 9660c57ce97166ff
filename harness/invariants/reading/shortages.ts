import { eventsOf, type History } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** A time in which a process had more memory than it may have, as the world itself measured it. */
export interface Shortage {
  readonly process: string;
  /** `seq` of the first measure that was over the bound, and of the first that was not any more or of the process's end. */
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  /** `seq` of the fault that brought it on, little by little and measured when it was done; else `from`. */
  readonly begunBy: number;
  /** Milliseconds; null: it lasted to the end. */
  readonly overAt: number | null;
}

export const shortagesOf = once((history: History): Shortage[] => {
  const boundBytes = eventsOf(history, 'case-started')[0]?.bounds.processBytes;
  if (boundBytes === undefined) return [];
  const shortages: Shortage[] = [];
  const open = new Map<string, { from: number; bytes: number; begunBy: number }>();
  let filling: number | undefined;
  const close = (process: string, to: number, overAt: number | null): void => {
    const began = open.get(process);
    if (began === undefined) return;
    open.delete(process);
    shortages.push({ process, ...began, to, overAt });
  };
  for (const event of history.events) {
    if (event.type === 'process-exited') close(event.process, event.seq, event.at);
    if (event.type === 'fault-fired' && textOf(objectOf(event.fate), 'do') === 'fill-memory')
      filling = event.seq;
    if (event.type !== 'measured') continue;
    if (event.bytes <= boundBytes) close(event.process, event.seq, event.at);
    else if (!open.has(event.process))
      open.set(event.process, { from: event.seq, bytes: event.bytes, begunBy: filling ?? event.seq });
    filling = undefined;
  }
  for (const process of [...open.keys()]) close(process, Number.POSITIVE_INFINITY, null);
  return shortages.sort((a, b) => a.from - b.from);
});
