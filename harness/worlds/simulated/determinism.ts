import type { Case } from '../../case.ts';
import type { History, HistoryEvent } from '../../history.ts';

/** The first event at which two histories part; `null` where one had ended. */
export interface Difference {
  /** From 1; the position of the event in both histories. */
  readonly at: number;
  readonly first: HistoryEvent | null;
  readonly second: HistoryEvent | null;
}

/** Plays a case twice and says where the histories part; null where they are the same, byte for byte. */
export async function checkDeterminism(
  play: (playing: Case) => Promise<History>,
  playing: Case,
): Promise<Difference | null> {
  return firstDifference(await play(playing), await play(playing));
}

/** Where two histories part; null where they are the same, byte for byte. */
export function firstDifference(first: History, second: History): Difference | null {
  const length = Math.max(first.events.length, second.events.length);
  for (let i = 0; i < length; i++) {
    const [one = null, other = null] = [first.events[i], second.events[i]];
    if (JSON.stringify(one) !== JSON.stringify(other)) return { at: i + 1, first: one, second: other };
  }
  return null;
}
