import type { HistoryEvent, Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { once } from './reading/once.ts';
import { type PrivateValue, privateValuesOf } from './reading/private-values.ts';
import { Seams } from './reading/seams.ts';
import { ValueFinder } from './reading/value-finder.ts';
import { eachText } from './reading/words.ts';

/**
 * Values that belong to one user alone (what was planted in the user's words and threads, what the model told that
 * user's agents, the ids of the user's records, the user's run ids where nobody else chose the same) never turn up
 * in frames, close reasons, keys, stored values, prompts, agents' inputs, tool arguments or lines of the log of
 * another, nor in what is shown to everybody: not as they are, not in base64, hex or URL-encoded, not in two halves
 * that follow one another. Two users who were first given the same value share it. Left out are lines of the log
 * that name no user, and keys that belong to none.
 */
export const nobodySeesAnothersValues: Invariant = {
  name: 'nobody-sees-anothers-values',
  promise: 'isolation',
  says: "Nothing that belongs to one user turns up in another's events, keys, stored values, prompts or log lines.",
  check: once((history) => {
    const judgement = new Judgement();
    const owners = privateValuesOf(history);
    // With one user there is nobody whose values could be seen.
    if (new Set([...owners.values()].map(({ user }) => user)).size < 2) return judgement.finding();
    const finder = new ValueFinder(owners);
    const seams = new Seams();
    const judge = (found: readonly PrivateValue[], { where, user, seq }: Look): void => {
      for (const owner of found) {
        if (owner.user === user) continue;
        judgement.broken({
          why: `${user ?? 'everybody'} was shown ${owner.user}'s ${owner.what} ${where}`,
          shownBy: [owner.seq, seq],
          place: `${where}/${owner.what}`,
        });
      }
    };
    for (const event of history.events)
      for (const look of looksInto(event)) {
        judgement.checked();
        eachText(look.value, (text) => judge(finder.in(text), look));
        // A run id is short, and two halves of one are found anywhere.
        for (const seam of seams.after(look.stream, look.value))
          judge(
            finder.in(seam).filter(({ what }) => what !== 'run'),
            look,
          );
      }
    return judgement.finding();
  }),
};

/** One value to look into. */
interface Look {
  readonly where: string;
  /** Whom it was shown to; undefined: everybody. */
  readonly user: string | undefined;
  readonly seq: number;
  readonly value: Json | undefined;
  /** What it continues, where it is one of many that follow one another. */
  readonly stream?: string;
}

function looksInto(event: HistoryEvent): readonly Look[] {
  const { seq } = event;
  switch (event.type) {
    case 'seen': {
      const { user, frame, text } = event;
      const object = objectOf(frame);
      const stream = `${user} ${textOf(object, 'run_id')} ${textOf(object, 'type')}`;
      return [{ where: 'in a message', user, seq, value: frame ?? text, stream }];
    }
    case 'connection-closed':
      return [{ where: 'in the reason of a close', user: event.user, seq, value: event.reason }];
    case 'connection-refused':
      return [{ where: 'in a refusal', user: event.user, seq, value: event.code }];
    case 'stored': {
      const { user, key, road, json, text } = event;
      if (user === undefined) return [];
      return [
        { where: 'in a key', user, seq, value: key.replaceAll(':', ' ') },
        { where: `in the store (${road})`, user, seq, value: json ?? text },
      ];
    }
    case 'prompted':
      return [{ where: 'in a prompt', user: event.user, seq, value: readJson(event.messages) }];
    case 'tool-called':
      return [{ where: "in a tool call's arguments", user: event.user, seq, value: event.arguments }];
    case 'agent-asked':
      return [{ where: "in an agent's input", user: event.user, seq, value: event.input }];
    case 'logged': {
      const { user, says, words } = event;
      return user === undefined ? [] : [{ where: 'in the log', user, seq, value: [says, ...words] }];
    }
    case 'health':
      return [{ where: 'on the health page', user: undefined, seq, value: event.body }];
    case 'metric':
      return [{ where: 'on /metrics', user: undefined, seq, value: { ...event.labels } }];
    default:
      return [];
  }
}

/** Messages of which a content is JSON text: in place of the text what it says, as escapes would hide words. */
function readJson(value: Json): Json {
  if (Array.isArray(value)) return value.map(readJson);
  const object = objectOf(value);
  if (object === undefined) return value;
  const { content, ...rest } = object;
  return typeof content === 'string' ? { ...rest, content: parsed(content) } : value;
}

function parsed(text: string): Json {
  // To throw costs more than to look.
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
