import type { History } from '../../history.ts';
import { endOf, type RunStory, runStoriesOf } from './run-stories.ts';

/**
 * Which runs may be told that too many are under way. A run counts from where its user asked for it until its
 * user knew that it had ended or was refused: the gateway counts it for no longer than that.
 */
export class Crowding {
  readonly #runsPerUser: number | undefined;
  /** By user, when each run began and when it was surely over. */
  readonly #stays = new Map<string, { readonly run: string; readonly from: number; readonly to: number }[]>();

  constructor(history: History, runsPerUser: number | undefined) {
    this.#runsPerUser = runsPerUser;
    if (runsPerUser === undefined) return;
    for (const story of runStoriesOf(history)) {
      const [first] = story.starts;
      if (first === undefined) continue;
      const stays = this.#stays.get(story.user);
      const stay = { run: story.run, from: first.seq, to: overAt(story) };
      if (stays === undefined) this.#stays.set(story.user, [stay]);
      else stays.push(stay);
    }
  }

  /** Whether, before it was told so, as many other runs as its user may have can have been under way at once. */
  explains({ user, run, starts }: RunStory, seq: number): boolean {
    const first = starts[0];
    if (this.#runsPerUser === undefined || first === undefined) return false;
    const others = (this.#stays.get(user) ?? []).filter(
      (stay) => stay.run !== run && stay.from < seq && stay.to > first.seq,
    );
    return mostAtOnce(others) >= this.#runsPerUser;
  }
}

/** Among these, the most that were there at the same time. */
export function mostAtOnce(stays: readonly { readonly from: number; readonly to: number }[]): number {
  const changes = stays.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

function overAt(story: RunStory): number {
  const end = endOf(story);
  const refused = story.accepted.length === 0 ? story.errors[0] : undefined;
  return Math.min(end?.seq ?? Number.POSITIVE_INFINITY, refused?.seq ?? Number.POSITIVE_INFINITY);
}
