import type { Invariant } from '../invariant.ts';
import { floodsOf } from './reading/flooding.ts';
import { framesOf } from './reading/frames.ts';
import { textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { visitsOf } from './reading/visits.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/** So many messages too many may still have come one by one: what is told of less is a matter of timing. */
const excessMin = 10;

/**
 * Who says far more than may come is refused by name, at the latest with the end of the connection. Not judged
 * where a fault met the user's connection: nobody knows then what came.
 */
export const whoFloodsIsToldSo: Invariant = {
  name: 'who-floods-is-told-so',
  promise: 'bounds',
  says: 'Messages beyond the limit of a connection are refused by name.',
  check(history) {
    const judgement = new Judgement();
    const told = new Set<string>();
    for (const { user, type, frame } of framesOf(history).notices)
      if (type === 'error' && textOf(frame, 'code') === 'RATE_LIMITED') told.add(user);
    for (const { user, closed } of visitsOf(history)) if (closed?.reason === 'RATE_LIMITED') told.add(user);
    const faults = wireFaultsOf(history);
    for (const { user, seq, excess } of floodsOf(history).values()) {
      if (excess < excessMin || faults.some((fault) => metConnectionOf(fault, user))) continue;
      judgement.checked();
      if (told.has(user)) continue;
      judgement.broken({
        why: `${user} sent ${excess} messages more than may come, and was never told so`,
        shownBy: [seq],
        place: 'connection/(flooded)',
      });
    }
    return judgement.finding();
  },
};
