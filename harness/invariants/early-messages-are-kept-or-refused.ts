import type { EventOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { deathsOf } from './reading/deaths.ts';
import { type JsonObject, objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { earlyMessagesOf, isNamedClose, type Visit, visitsOf } from './reading/visits.ts';

/**
 * Judges clients that stay until they have their answers: whoever leaves, or falls silent, may have missed one.
 * A message is kept where it is answered, and refused where the upgrade is, by a status and a code, or where the
 * connection goes with a code and a reason; 1011 is a failure and no refusal. What was in the hands of a
 * process that died is not known.
 */
export const earlyMessagesAreKeptOrRefused: Invariant = {
  name: 'early-messages-are-kept-or-refused',
  promise: 'handshake',
  says: 'A message that comes before its connection is ready is kept, or refused with a reason, never dropped.',
  check(history) {
    const judgement = new Judgement();
    const hasDied = deathsOf(history).length > 0;
    for (const visit of visitsOf(history)) {
      if (visit.knocked === undefined || visit.knocked.leaves || visit.silent !== undefined) continue;
      const early = earlyMessagesOf(visit);
      if (early.length === 0) continue;
      judgement.checked(early.length);
      const lost = early.filter((message) => !isAnswered(message, visit));
      if (lost.length === 0 || isRefused(visit)) continue;
      if (hasDied) {
        judgement.unsure(`${visit.connection}: what became of its early messages died with a process`);
      } else if (visit.closed === undefined && visit.refused === undefined) {
        judgement.unsure(`${visit.connection} was still waiting when the case ended`);
      } else {
        const what = textOf(objectOf(lost[0]?.frame), 'type') ?? 'a message';
        judgement.broken({
          why: `${visit.connection} sent ${what} before it was ready, and ${endOf(visit)}`,
          shownBy: [...lost.map(({ seq }) => seq), visit.closed?.seq ?? visit.refused?.seq ?? 0],
          place: `early/${what}/${visit.closed?.by === 'user' ? 'dropped' : (visit.closed?.code ?? 'unanswered')}`,
        });
      }
    }
    return judgement.finding();
  },
};

function isRefused({ refused, closed }: Visit): boolean {
  if (refused !== undefined) return refused.status >= 400 && refused.code !== undefined;
  return closed !== undefined && isNamedClose(closed);
}

/** A ping by as many pongs, anything about a run by a word about that run. */
function isAnswered(message: EventOf<'sent'>, { sent, seen }: Visit): boolean {
  const frame = objectOf(message.frame);
  if (textOf(frame, 'type') === 'ping') {
    const pings = sent.filter((each) => each.seq <= message.seq && isOfType(each.frame, 'ping')).length;
    return seen.filter((each) => isOfType(each.frame, 'pong')).length >= pings;
  }
  const run = textOf(frame, 'run_id');
  return seen.some((each) => textOf(objectOf(each.frame), 'run_id') === run);
}

function isOfType(frame: JsonObject[string] | undefined, type: string): boolean {
  return textOf(objectOf(frame), 'type') === type;
}

function endOf({ closed, refused }: Visit): string {
  if (closed === undefined) return `got no answer (${refused?.code ?? 'none'})`;
  if (closed.by === 'user') return 'waited for an answer in vain';
  return `its connection closed with ${closed.code}${closed.reason === '' ? '' : ` ${closed.reason}`}`;
}
