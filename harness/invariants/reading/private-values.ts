import { type EventOf, eventsOf, type History, type Json } from '../../history.ts';
import { once } from './once.ts';

/** Something that belongs to one user alone. */
export interface PrivateValue {
  readonly user: string;
  readonly what: 'canary' | 'model answer' | 'record' | 'run';
  /** Where it was first met. */
  readonly seq: number;
}

/**
 * By value: the canaries that were planted in what users say, what the model told each user's agents, the ids of
 * each user's records, and run ids. What two users were first given alike is shared, and in no list.
 */
export const privateValuesOf = once((history: History): ReadonlyMap<string, PrivateValue> => {
  const owners = new Map<string, PrivateValue>();
  const shared = new Set<string>();
  for (const event of eventsOf(history, 'answered'))
    if (event.proof !== '')
      owners.set(event.proof, { user: event.user, what: 'model answer', seq: event.seq });
  for (const event of eventsOf(history, 'tool-returned'))
    eachId(event.clean, (id) => {
      if (!owners.has(id)) owners.set(id, { user: event.user, what: 'record', seq: event.seq });
    });
  const [started] = eventsOf(history, 'case-started');
  if (started !== undefined)
    for (const { user, value, what } of plannedIn(started)) {
      const other = owners.get(value);
      if (other !== undefined && other.user !== user) shared.add(value);
      else owners.set(value, { user, what, seq: started.seq });
    }
  for (const value of shared) owners.delete(value);
  return owners;
});

function plannedIn({
  planned,
}: EventOf<'case-started'>): { user: string; value: string; what: PrivateValue['what'] }[] {
  return [
    ...planned.asks.map(({ user, run }) => ({ user, value: run, what: 'run' as const })),
    ...(planned.canaries ?? []).map(({ user, value }) => ({ user, value, what: 'canary' as const })),
  ];
}

/** Shorter ids are words that anybody may use. */
const idCharactersMin = 8;

function eachId(value: Json | undefined, tell: (id: string) => void): void {
  if (Array.isArray(value)) for (const item of value) eachId(item, tell);
  else if (typeof value === 'object' && value !== null) {
    const id = value.id;
    if (typeof id === 'string' && id.length >= idCharactersMin) tell(id);
    for (const key of Object.keys(value)) eachId(value[key], tell);
  }
}
