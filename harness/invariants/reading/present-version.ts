import type { History, HistoryEvent } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/**
 * A history without what another version of the pipeline did: its process is called `pipeline@<version>`.
 * Its runs are left out, and what it left in the stores; what its agents, tools and model really said stays,
 * for the present version may hand it on. What its agents made after another result of the run was poisoned
 * may have poison worked into it, and has no clean twin. The history itself where there is one version only.
 */
export const presentVersionOf = once((history: History): History => {
  const others = runsOfOthers(history);
  if (others === undefined) return history;
  const isKept = ({ user, run }: { readonly user: string; readonly run?: string | undefined }): boolean =>
    run === undefined || !others.runs.has(`${user} ${run}`);
  const poisoned = new Set<string>();
  const kept = history.events.flatMap((event): HistoryEvent[] => {
    switch (event.type) {
      case 'agent-returned':
      case 'tool-returned': {
        if (isKept(event)) return [event];
        const run = `${event.user} ${event.run}`;
        const madeOfPoison = event.type === 'agent-returned' && poisoned.has(run);
        if (event.poisoned.length > 0) poisoned.add(run);
        return [madeOfPoison ? withoutTwin(event) : event];
      }
      case 'case-started': {
        const asks = event.planned.asks.filter(isKept);
        return [{ ...event, planned: { ...event.planned, asks } }];
      }
      case 'sent':
      case 'seen': {
        const run = textOf(objectOf(event.frame), 'run_id');
        return isKept({ user: event.user, run }) ? [event] : [];
      }
      case 'confirmed':
      case 'gave-up':
      case 'prompted':
      case 'agent-asked':
        return isKept(event) ? [event] : [];
      case 'stored': {
        if (event.user === undefined) return [event];
        // An entry of the cache says itself which run it is of; one that does not say so is nobody's of ours.
        const run = event.road === 'cache' ? textOf(objectOf(event.json), 'run') : event.run;
        if (event.road === 'cache' && run === undefined) return [];
        return isKept({ user: event.user, run }) ? [event] : [];
      }
      case 'process-started':
      case 'process-exited':
        return isOther(event) ? [] : [event];
      case 'connection-opened':
      case 'connection-refused':
      case 'connection-closed':
        return others.served(event.seq) ? [] : [event];
      default:
        return [event];
    }
  });
  return { ...history, events: kept };
});

/** The word of the wrapper for a result that no clean twin was made of. */
function withoutTwin(event: HistoryEvent & { type: 'agent-returned' }): HistoryEvent {
  const { clean: _clean, poisoned: _poisoned, ...told } = event;
  return { ...told, type: 'agent-failed', code: 'NOT_PLAIN' };
}

/** Whether a history holds the work of more than the present version. */
export function hasOtherVersions(history: History): boolean {
  return history.events.some((event) => event.type === 'process-started' && isOther(event));
}

interface OfOthers {
  /** By user and run: those that were asked for while another version served. */
  readonly runs: ReadonlySet<string>;
  /** Whether another version served then. */
  served(seq: number): boolean;
}

function runsOfOthers(history: History): OfOthers | undefined {
  if (!hasOtherVersions(history)) return undefined;
  const changes: { readonly seq: number; readonly other: boolean }[] = [];
  const runs = new Set<string>();
  let other = false;
  for (const event of history.events) {
    if (event.type === 'process-started') {
      other = isOther(event);
      changes.push({ seq: event.seq, other });
    } else if (event.type === 'sent' && other) {
      const frame = objectOf(event.frame);
      const run = textOf(frame, 'run_id');
      if (textOf(frame, 'type') === 'start_agent' && run !== undefined) runs.add(`${event.user} ${run}`);
    }
  }
  return { runs, served: (seq) => changes.findLast((change) => change.seq < seq)?.other ?? false };
}

function isOther({ process }: { readonly process: string }): boolean {
  return process.startsWith('pipeline@');
}
