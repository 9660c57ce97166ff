import { type EventOf, eventsOf, type History } from '../../history.ts';

/** What users confirmed, by user and run (`alice run-1`). */
export function confirmationsOf(history: History): Map<string, EventOf<'confirmed'>[]> {
  const all = new Map<string, EventOf<'confirmed'>[]>();
  for (const event of eventsOf(history, 'confirmed')) {
    const key = `${event.user} ${event.run}`;
    const ofRun = all.get(key);
    if (ofRun === undefined) all.set(key, [event]);
    else ofRun.push(event);
  }
  return all;
}
