import type { History } from '../../history.ts';
import { textOf } from './json-shapes.ts';
import { endOf, type RunStory, runStoriesOf } from './run-stories.ts';

/**
 * Which runs may be told that too many are under way. A run counts from where its user asked for it until its
 * user knew that it had ended or was refused: the gateway counts it for no longer than that. One that was itself
 * refused for the limit counts only where those that were not explain its refusal: else runs that are all refused
 * would explain one another.
 */
export class Crowding {
  readonly #runsPerUser: number | undefined;
  /** By user, how many runs were under way from each change on, in order. */
  readonly #counts = new Map<string, readonly Count[]>();
  readonly #stays = new Map<RunStory, Stay>();

  constructor(history: History, runsPerUser: number | undefined) {
    this.#runsPerUser = runsPerUser;
    if (runsPerUser === undefined) return;
    const byUser = new Map<string, Stay[]>();
    const count = (story: RunStory): void => {
      const [first] = story.starts;
      if (first === undefined) return;
      const stay = { from: first.seq, to: overAt(story) };
      this.#stays.set(story, stay);
      const stays = byUser.get(story.user);
      if (stays === undefined) byUser.set(story.user, [stay]);
      else stays.push(stay);
    };
    const settle = (): void => {
      for (const [user, stays] of byUser) this.#counts.set(user, countsOf(stays));
    };
    const stories = runStoriesOf(history);
    for (const story of stories) if (!isRefusedForLimit(story)) count(story);
    settle();
    // Such a one waited, and had a slot or was about to, when others were refused.
    for (const story of stories) {
      const [refusal] = story.errors;
      if (isRefusedForLimit(story) && refusal !== undefined && this.explains(story, refusal.seq))
        count(story);
    }
    settle();
  }

  /** Whether, before it was told so, as many other runs as its user may have can have been under way at once. */
  explains(story: RunStory, seq: number): boolean {
    const first = story.starts[0];
    if (this.#runsPerUser === undefined || first === undefined) return false;
    const counts = this.#counts.get(story.user) ?? [];
    const own = this.#stays.get(story);
    for (let index = lastUntil(counts, first.seq); index < counts.length; index++) {
      const count = counts[index];
      if (count === undefined || count.at >= seq) break;
      const isOwn = own !== undefined && own.from <= count.at && count.at < own.to;
      if (count.now - (isOwn ? 1 : 0) >= this.#runsPerUser) return true;
    }
    return false;
  }
}

interface Stay {
  readonly from: number;
  readonly to: number;
}

interface Count {
  readonly at: number;
  readonly now: number;
}

/** Among these, the most that were there at the same time. */
export function mostAtOnce(stays: readonly Stay[]): number {
  return countsOf(stays).reduce((most, { now }) => Math.max(most, now), 0);
}

/** How many were there from each change on. */
function countsOf(stays: readonly Stay[]): Count[] {
  const changes = stays.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  let now = 0;
  return changes
    .sort((a, b) => a.at - b.at || a.by - b.by)
    .map(({ at, by }) => {
      now += by;
      return { at, now };
    });
}

/** Where the last count is that was true at `seq` already; the first, where there is none. */
function lastUntil(counts: readonly Count[], seq: number): number {
  let low = 0;
  let high = counts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((counts[middle]?.at ?? seq) < seq) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Never accepted, and told before anything else that too many were under way. */
function isRefusedForLimit({ accepted, errors }: RunStory): boolean {
  return accepted.length === 0 && textOf(errors[0]?.frame, 'code') === 'RUN_LIMIT';
}

function overAt(story: RunStory): number {
  const end = endOf(story);
  const refused = story.accepted.length === 0 ? story.errors[0] : undefined;
  return Math.min(end?.seq ?? Number.POSITIVE_INFINITY, refused?.seq ?? Number.POSITIVE_INFINITY);
}
