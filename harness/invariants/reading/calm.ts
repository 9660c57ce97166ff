import type { EventOf, History } from '../../history.ts';
import { fieldOf, objectOf, textOf } from './json-shapes.ts';
import { refusedStartsOf } from './refused-starts.ts';
import { placeOf } from './returns.ts';

/** From when on nothing of any disturbance counts any more. */
export interface Calm {
  readonly from: number;
  /** How the pipeline's processes ended that nobody saw start again. */
  readonly down: readonly EventOf<'process-exited'>[];
  /** Why it is not known what requests are due; null where it is. */
  readonly doubt: string | null;
}

/**
 * The calm after the storm: all that was done to messages and processes is over, Redis is back, and `returnMs` more
 * have passed, within which everything is promised to be served again, by processes that are there again. Null
 * where nothing was done; a text says why it is not known. Contaminations are no storm: they lie in the results of
 * one run. A process that was rightly refused its start, and which nobody started again, is not known to be able to.
 */
export function calmOf(history: History, returnMs: number | undefined): Calm | string | null {
  /** What lasts, until its end is told. */
  const lasting = new Map<string, string>();
  /** By place. */
  const down = new Map<string, EventOf<'process-exited'>>();
  let last: number | null = null;
  let backAt = 0;
  for (const event of history.events) {
    switch (event.type) {
      case 'fault-fired': {
        const fate = objectOf(event.fate);
        const does = textOf(fate, 'do') ?? '';
        if (does === 'contaminate') break;
        if (does.startsWith('kill-') || does.endsWith('-redis') || does === 'lack')
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
        if (event.process === 'redis') lasting.set('process redis', event.process);
        else down.set(placeOf(event.process), event);
        last = Math.max(last ?? 0, event.at);
        break;
      case 'process-started':
        lasting.delete(`process ${event.process}`);
        down.delete(placeOf(event.process));
        backAt = event.at;
    }
  }
  if (last === null) return null;
  if (returnMs === undefined) return 'nobody promised a time within which service returns';
  const [open] = lasting.values();
  if (open !== undefined) return `it is not known when ${open} was over`;
  let doubt: string | null = null;
  for (const { exit, isExplained } of refusedStartsOf(history)) {
    if (!isExplained || down.get(placeOf(exit.process)) !== exit) continue;
    down.delete(placeOf(exit.process));
    doubt = `nobody started ${exit.process} again, which lacked something`;
  }
  return { from: Math.max(last, backAt) + returnMs, down: [...down.values()], doubt };
}
