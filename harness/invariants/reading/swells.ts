import type { History } from '../../history.ts';
import { fieldOf, objectOf } from './json-shapes.ts';
import { once } from './once.ts';
import { wireFaultsOf } from './wire-faults.ts';

/** A result that came to a run with much more in it than was asked for. */
export interface Swell {
  readonly user: string;
  readonly run: string;
  readonly bytes: number;
  readonly seq: number;
}

export const swellsOf = once((history: History): Swell[] => {
  const faults = wireFaultsOf(history).filter(({ does }) => does === 'swell');
  if (faults.length === 0) return [];
  const bySeq = new Map(history.events.map((event) => [event.seq, event]));
  return faults.flatMap(({ seq, user, run }) => {
    const event = bySeq.get(seq);
    if (user === undefined || run === undefined || event?.type !== 'fault-fired') return [];
    const bytes = fieldOf(objectOf(event.fate), 'bytes');
    return typeof bytes === 'number' ? [{ user, run, bytes, seq }] : [];
  });
});
