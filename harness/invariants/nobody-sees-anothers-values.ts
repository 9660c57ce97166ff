import { eventsOf, type History, type HistoryEvent, type Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Judgement } from './reading/judgement.ts';
import { promptsOf } from './reading/prompts.ts';
import { eachText } from './reading/words.ts';

/**
 * Values that belong to one user alone (what the model told that user's agents, the ids of the user's
 * records, the user's run ids where nobody else chose the same) never turn up in frames, keys, stored values,
 * prompts or tool arguments of another. Two users who were first given the same value share it.
 */
export const nobodySeesAnothersValues: Invariant = {
  name: 'nobody-sees-anothers-values',
  promise: 'isolation',
  says: "Nothing that belongs to one user turns up in another's events, keys, stored values or prompts.",
  check(history) {
    const judgement = new Judgement();
    const owners = ownersOf(history);
    // With one user there is nobody whose values could be seen.
    if (new Set([...owners.values()].map(({ user }) => user)).size < 2) return judgement.finding();
    // The same text comes by many times: in events, in the log, in stores and in prompts.
    const known = new Map<string, readonly Owner[]>();
    const look = (where: string, user: string, seq: number, value: Json | undefined): void => {
      judgement.checked();
      eachText(value, (text) => {
        let found = known.get(text);
        if (found === undefined) {
          found = ownersIn(text, owners);
          known.set(text, found);
        }
        for (const owner of found) {
          if (owner.user === user) continue;
          judgement.broken({
            why: `${user} was shown ${owner.user}'s ${owner.what} ${where}`,
            shownBy: [owner.seq, seq],
            place: `${where}/${owner.what}`,
          });
        }
      });
    };
    for (const event of history.events) lookInto(event, look);
    for (const { event, input, text } of promptsOf(history))
      look('in a prompt', event.user, event.seq, input ?? text);
    return judgement.finding();
  },
};

interface Owner {
  readonly user: string;
  readonly what: 'model answer' | 'record' | 'run';
  readonly seq: number;
}

/** Shorter ids are words that anybody may use. */
const idCharactersMin = 8;

function ownersOf(history: History): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  const shared = new Set<string>();
  for (const event of eventsOf(history, 'answered'))
    if (event.proof !== '')
      owners.set(event.proof, { user: event.user, what: 'model answer', seq: event.seq });
  for (const event of eventsOf(history, 'tool-returned'))
    eachId(event.clean, (id) => {
      if (!owners.has(id)) owners.set(id, { user: event.user, what: 'record', seq: event.seq });
    });
  for (const event of history.events) {
    if (event.type !== 'case-started') continue;
    for (const { user, run } of event.planned.asks) {
      const other = owners.get(run);
      if (other !== undefined && other.user !== user) shared.add(run);
      else owners.set(run, { user, what: 'run', seq: event.seq });
    }
  }
  for (const run of shared) owners.delete(run);
  return owners;
}

function eachId(value: Json | undefined, tell: (id: string) => void): void {
  if (Array.isArray(value)) for (const item of value) eachId(item, tell);
  else if (typeof value === 'object' && value !== null) {
    const id = value.id;
    if (typeof id === 'string' && id.length >= idCharactersMin) tell(id);
    for (const key of Object.keys(value)) eachId(value[key], tell);
  }
}

function lookInto(
  event: HistoryEvent,
  look: (where: string, user: string, seq: number, value: Json | undefined) => void,
): void {
  switch (event.type) {
    case 'seen':
      look('in a message', event.user, event.seq, event.frame ?? event.text);
      break;
    case 'stored':
      if (event.user === undefined) break;
      look('in a key', event.user, event.seq, event.key.replaceAll(':', ' '));
      look(`in the store (${event.road})`, event.user, event.seq, event.json ?? event.text);
      break;
    case 'tool-called':
      look("in a tool call's arguments", event.user, event.seq, event.arguments);
      break;
    case 'agent-asked':
      look("in an agent's input", event.user, event.seq, event.input);
      break;
  }
}

/** Whose values a text holds. An id stands alone, or is a word of prose. */
function ownersIn(text: string, owners: ReadonlyMap<string, Owner>): readonly Owner[] {
  const found: Owner[] = [];
  for (const word of text.match(/[\w.-]+/g) ?? []) {
    const owner = owners.get(word);
    if (owner !== undefined) found.push(owner);
  }
  return found.length === 0 ? nobody : found;
}

const nobody: readonly Owner[] = [];
