import type { Case } from '../../case.ts';
import { eventsOf, type History } from '../../history.ts';

/** Whether its user saw the end of every run that a case asks for: then nothing more is to come of it. */
export function everyRunEnded(playing: Case, history: History): boolean {
  const ended = new Set<string>();
  for (const { user, frame } of eventsOf(history, 'seen')) {
    if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) continue;
    if (frame.type === 'run_completed' || frame.type === 'run_failed') ended.add(`${user}/${frame.run_id}`);
  }
  return playing.users.every(({ id, actions }) =>
    actions.every((action) => action.do !== 'ask' || ended.has(`${id}/${action.run}`)),
  );
}
