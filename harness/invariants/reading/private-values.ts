import { eventsOf, type History, type Json } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
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
  for (const { user, value, what, seq } of chosenIn(history)) {
    const other = owners.get(value);
    if (other !== undefined && other.user !== user) shared.add(value);
    else if (other === undefined) owners.set(value, { user, what, seq });
  }
  for (const value of shared) owners.delete(value);
  return owners;
});

/** What users were to say of their own, and what was said for them beneath their clients. */
function chosenIn(history: History): (PrivateValue & { readonly value: string })[] {
  const chosen: (PrivateValue & { readonly value: string })[] = [];
  for (const { seq, planned } of eventsOf(history, 'case-started')) {
    for (const { user, run } of planned.asks) chosen.push({ user, value: run, what: 'run', seq });
    for (const { user, value } of planned.canaries ?? []) chosen.push({ user, value, what: 'canary', seq });
  }
  for (const { seq, user, frame } of eventsOf(history, 'sent')) {
    const object = objectOf(frame);
    const run = textOf(object, 'run_id');
    if (run !== undefined && textOf(object, 'type') === 'start_agent')
      chosen.push({ user, value: run, what: 'run', seq });
  }
  return chosen;
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
