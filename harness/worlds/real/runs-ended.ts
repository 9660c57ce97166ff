import type { Case } from '../../case.ts';
import { eventsOf, type History } from '../../history.ts';

/**
 * Whether its user saw the end of every run that a case asks for and of every other that has begun, or that it
 * was refused: nothing more is to come then.
 */
export function everyRunEnded(playing: Case, history: History): boolean {
  const begun = new Set<string>();
  const over = new Set<string>();
  for (const { user, frame } of eventsOf(history, 'seen')) {
    if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) continue;
    if (typeof frame.run_id !== 'string') continue;
    const run = `${user}/${frame.run_id}`;
    if (frame.type === 'run_completed' || frame.type === 'run_failed') over.add(run);
    else if (frame.type !== 'error') begun.add(run);
    // Of a run that has begun something else was refused: a second start, a resume.
    else if (!begun.has(run)) over.add(run);
  }
  const asked = playing.users.flatMap(({ id, actions }) =>
    actions.flatMap((action) => (action.do === 'ask' ? [`${id}/${action.run}`] : [])),
  );
  // A start beneath the client, as text, is asked for by no action.
  return [...asked, ...begun].every((run) => over.has(run));
}
