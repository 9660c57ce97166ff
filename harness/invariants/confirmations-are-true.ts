import { eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { confirmationsOf } from './reading/confirmations.ts';
import { deathsOf } from './reading/deaths.ts';
import { fieldOf, objectOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/** What a user confirms this short before leaving may never arrive, ms. */
const onItsWayMs = 50;

/**
 * What the pipeline wrote down as confirmed is held against what each run's user confirmed: never more; and not
 * less where nothing was in the way of the confirmation. What lies in the store then counts, since it is what
 * another process would go by.
 */
export const confirmationsAreTrue: Invariant = {
  name: 'confirmations-are-true',
  promise: 'delivery',
  says: 'An event counts as confirmed when its user confirmed it, and only then.',
  check(history) {
    const judgement = new Judgement();
    const confirmed = confirmationsOf(history);
    const leaves = lastWordOf(history);
    for (const stored of eventsOf(history, 'stored')) {
      const counted = fieldOf(objectOf(stored.json), 'confirmed');
      const { user, run } = stored;
      if (stored.road !== 'delivery' || user === undefined || run === undefined) continue;
      if (typeof counted !== 'number') continue;
      judgement.checked();
      const all = confirmed.get(`${user} ${run}`) ?? [];
      const most = all.reduce((max, { sequence }) => Math.max(max, sequence), 0);
      if (counted > most)
        judgement.broken({
          why: `${user}'s ${run}: events up to ${counted} count as confirmed, and its user confirmed ${most === 0 ? 'none' : `up to ${most}`}`,
          shownBy: [stored.seq],
          place: 'confirmed/(never confirmed)',
        });
      const sure = all.filter(({ at }) => at < (leaves.get(user) ?? 0) - onItsWayMs).at(-1);
      if (sure !== undefined && counted < sure.sequence && !isDisturbed(history, user))
        judgement.broken({
          why: `${user}'s ${run}: its user confirmed event ${sure.sequence}, and only ${counted} are counted`,
          shownBy: [sure.seq, stored.seq],
          place: 'confirmed/(not counted)',
        });
    }
    return judgement.finding();
  },
};

/** Since when each user said nothing any more: the first time a connection of theirs closed. */
function lastWordOf(history: History): Map<string, number> {
  const leaves = new Map<string, number>();
  for (const { user, at } of eventsOf(history, 'connection-closed'))
    if (!leaves.has(user)) leaves.set(user, at);
  return leaves;
}

function isDisturbed(history: History, user: string): boolean {
  return (
    wireFaultsOf(history).some((fault) => fault.wire === 'redis' || metConnectionOf(fault, user)) ||
    deathsOf(history).length > 0
  );
}
