import type { Invariant } from '../invariant.ts';
import { objectOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { visitsOf } from './reading/visits.ts';

/**
 * Judges tries that show what entitles to nothing: no valid token, no subprotocol, a foreign page. None may
 * be opened, and each that is answered is answered by a status and a code.
 */
export const nobodyWithoutAValidTokenGetsIn: Invariant = {
  name: 'nobody-without-a-valid-token-gets-in',
  promise: 'handshake',
  says: 'Nobody gets in who shows no valid token, subprotocol and origin; each is told why.',
  check(history) {
    const judgement = new Judgement();
    for (const { connection, knocked, opened, refused } of visitsOf(history)) {
      if (knocked === undefined || knocked.entitled) continue;
      const shown = Object.values(objectOf(knocked.shows) ?? {}).join(', ');
      if (opened !== undefined) {
        judgement.checked();
        judgement.broken({
          why: `${connection} was let in (it showed: ${shown})`,
          shownBy: [knocked.seq, opened.seq],
          place: `let in/${shown}`,
        });
      } else if (refused !== undefined && refused.status > 0) {
        judgement.checked();
        if (refused.status >= 400 && refused.code !== undefined) continue;
        judgement.broken({
          why: `${connection} was refused by status ${refused.status}, and nobody said why (it showed: ${shown})`,
          shownBy: [knocked.seq, refused.seq],
          place: `refused without a code/${shown}`,
        });
      }
    }
    return judgement.finding();
  },
};
