import type { History } from '../../history.ts';
import { fieldOf, objectOf, textOf } from './json-shapes.ts';

/** From when on nothing of any disturbance counts any more. */
export interface Calm {
  readonly from: number;
}

/**
 * The calm after the storm: all that was done to messages and processes is over, whoever died is back, and
 * `returnMs` more have passed, within which everything is promised to be served again. Null where nothing was
 * done; a text says why it is not known. Contaminations are no storm: they lie in the results of one run.
 */
export function calmOf(history: History, returnMs: number | undefined): Calm | string | null {
  /** What lasts, until its end is told. */
  const lasting = new Map<string, string>();
  let last: number | null = null;
  let backAt = 0;
  for (const event of history.events) {
    switch (event.type) {
      case 'fault-fired': {
        const fate = objectOf(event.fate);
        const does = textOf(fate, 'do') ?? '';
        if (does === 'contaminate') break;
        if (does.startsWith('kill-') || does.endsWith('-redis'))
          lasting.set(`fault ${event.fault}`, event.name);
        const ms = fieldOf(fate, 'ms') ?? fieldOf(fate, 'atMostMs');
        last = Math.max(last ?? 0, event.at + (typeof ms === 'number' ? ms : 0));
        break;
      }
      case 'fault-ended':
        lasting.delete(`fault ${event.fault}`);
        last = Math.max(last ?? 0, event.at);
        break;
      case 'constraint-holds':
      case 'constraint-met':
      case 'constraint-expired':
        last = Math.max(last ?? 0, event.at);
        break;
      case 'process-exited':
        if (event.cause === 'asked') break;
        lasting.set(`process ${event.process}`, event.process);
        last = Math.max(last ?? 0, event.at);
        break;
      case 'process-started':
        lasting.delete(`process ${event.process}`);
        backAt = event.at;
    }
  }
  if (last === null) return null;
  if (returnMs === undefined) return 'nobody promised a time within which service returns';
  const [open] = lasting.values();
  if (open !== undefined) return `it is not known when ${open} was over`;
  return { from: Math.max(last, backAt) + returnMs };
}
