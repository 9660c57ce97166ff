import { eventsOf, type History, type Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { framesOf } from './reading/frames.ts';
import { fieldOf, type JsonObject, objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { promptsOf } from './reading/prompts.ts';
import { runStoriesOf } from './reading/run-stories.ts';
import { eachText } from './reading/words.ts';

/**
 * Judged against what each user sent. What a run's agents and the model are asked is that run's own request, in
 * its own thread; and what it calls, shows and keeps holds no value that the model or a tool gave to another run
 * of the same user. Two runs with one request may share a result, since a cache may. A run for which its user
 * sent more than one request is not judged: nobody knows which one counts.
 */
export const twoRunsNeverMix: Invariant = {
  name: 'two-runs-never-mix',
  promise: 'isolation',
  says: "What a run asks, calls, shows and keeps is that run's own, and of no other run of the same user.",
  check(history) {
    const judgement = new Judgement();
    const asked = new Asked(history);
    const owners = ownersOf(history);

    const holds = (user: string, run: string, where: string, seq: number, value: Json | undefined): void => {
      judgement.checked();
      eachText(value, (text) => {
        for (const word of text.match(/[\w.-]+/g) ?? []) {
          const owner = owners.get(word);
          if (owner === undefined || owner.user !== user || asked.mayShare(user, run, owner.run)) continue;
          judgement.broken({
            why: `${user}'s ${run} holds what belongs to ${owner.run} ${where}: ${owner.what}`,
            shownBy: [owner.seq, seq],
            place: `${where}/${owner.what}`,
          });
        }
      });
    };
    const is = (
      own: { readonly user: string; readonly run: string; readonly seq: number },
      where: string,
      what: keyof AskedRun,
      found: string | undefined,
    ): void => {
      const known = asked.of(own.user, own.run);
      if (known === undefined || found === undefined) return;
      judgement.checked();
      if (found.trim() === known[what].trim()) return;
      judgement.broken({
        why: `${own.user}'s ${own.run} has the ${what} of another ${where}`,
        shownBy: [own.seq],
        place: `${where}/${what}`,
      });
    };

    for (const event of eventsOf(history, 'agent-asked')) {
      const input = objectOf(event.input);
      is(event, "in an agent's input", 'request', textOf(input, 'request'));
      is(event, "in an agent's input", 'thread', textOf(input, 'thread_id'));
      holds(event.user, event.run, "in an agent's input", event.seq, input);
    }
    for (const { event, input, text } of promptsOf(history)) {
      is(event, 'in a prompt', 'request', textOf(input, 'request'));
      holds(event.user, event.run, 'in a prompt', event.seq, input ?? text);
    }
    for (const { user, run, seq, arguments: given } of eventsOf(history, 'tool-called'))
      holds(user, run, "in a tool call's arguments", seq, given);
    const { seen, logged } = framesOf(history);
    for (const frame of [...seen, ...logged]) {
      is(frame, 'in an event', 'thread', textOf(frame.frame, 'thread_id'));
      holds(frame.user, frame.run, 'in an event', frame.seq, frame.payload);
    }
    for (const { road, user, run, seq, json } of eventsOf(history, 'stored'))
      if (road === 'persistence' && user !== undefined && run !== undefined)
        holds(user, run, 'in its state', seq, json);
    return judgement.finding();
  },
};

interface AskedRun {
  readonly request: string;
  readonly thread: string;
}

/** What users sent to start their runs. */
class Asked {
  readonly #runs = new Map<string, AskedRun | null>();

  constructor(history: History) {
    for (const { user, run, starts } of runStoriesOf(history)) {
      const all = starts.map(({ frame }) => askedIn(objectOf(frame)));
      const [first] = all;
      const alike = all.every((each) => each.request === first?.request && each.thread === first.thread);
      if (first !== undefined) this.#runs.set(`${user} ${run}`, alike ? first : null);
    }
  }

  /** Undefined where nobody knows. */
  of(user: string, run: string): AskedRun | undefined {
    return this.#runs.get(`${user} ${run}`) ?? undefined;
  }

  /** Whether the run may hold what belongs to the other. */
  mayShare(user: string, run: string, other: string): boolean {
    if (run === other) return true;
    const [own, others] = [this.of(user, run), this.of(user, other)];
    return own === undefined || others === undefined || own.request.trim() === others.request.trim();
  }
}

function askedIn(frame: JsonObject | undefined): AskedRun {
  const payload = objectOf(fieldOf(frame, 'payload'));
  return { request: textOf(payload, 'user_request') ?? '', thread: textOf(frame, 'thread_id') ?? '' };
}

interface Owner {
  readonly user: string;
  readonly run: string;
  readonly what: 'model answer' | 'tool call';
  readonly seq: number;
}

/** What only one run was given: what the model told it, and the calls that really reached a tool for it. */
function ownersOf(history: History): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  const give = (value: string, owner: Owner): void => {
    if (value !== '' && !owners.has(value)) owners.set(value, owner);
  };
  for (const { user, run, proof, seq } of eventsOf(history, 'answered'))
    give(proof, { user, run, what: 'model answer', seq });
  for (const { user, run, call, seq } of eventsOf(history, 'tool-called'))
    give(call, { user, run, what: 'tool call', seq });
  return owners;
}
