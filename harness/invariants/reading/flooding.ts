import { eventsOf, type History } from '../../history.ts';
import { once } from './once.ts';

/** A user said more on a connection than may come. */
export interface Flood {
  readonly user: string;
  /** Where the first message was sent that was too much. */
  readonly seq: number;
  readonly at: number;
  /** How many were too much at the most, had they come as they were sent. */
  readonly excess: number;
}

/** What comes in a bunch was not sent so: messages may be together on their way for so long, ms. */
const bunchMs = 250;

/**
 * By user, the first message that was too much: so many at once, then so many in a second, on each connection.
 * Nobody floods where the history names no limits.
 */
export const floodsOf = once((history: History): ReadonlyMap<string, Flood> => {
  const floods = new Map<string, Flood>();
  const bounds = eventsOf(history, 'case-started')[0]?.bounds;
  const { messageBurst: burst, messagesPerSecond: perSecond } = bounds ?? {};
  if (burst === undefined || perSecond === undefined) return floods;
  const perMs = perSecond / 1000;
  const buckets = new Map<string, { left: number; at: number }>();
  for (const { seq, at, user, connection } of eventsOf(history, 'sent')) {
    const name = `${user} ${connection}`;
    const before = buckets.get(name) ?? { left: burst, at };
    const left = Math.min(burst, before.left + (at - before.at) * perMs) - 1;
    buckets.set(name, { left, at });
    if (left >= bunchMs * perMs) continue;
    const flood = floods.get(user) ?? { user, seq, at, excess: 0 };
    floods.set(user, { ...flood, excess: Math.max(flood.excess, Math.floor(-left)) });
  }
  return floods;
});
