import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Judgement } from './reading/judgement.ts';

/**
 * What a pipeline takes out of its log for a client that reads nothing has to be somewhere: in its memory, or in
 * what its machine keeps for a socket, which is bounded. Judged by what the log gave, as its wire shows, while all
 * connections of a user stood still; a user with a connection that is read may be given anything.
 */
export const noQueueGrowsForWhoDoesNotRead: Invariant = {
  name: 'no-queue-grows-for-who-does-not-read',
  promise: 'bounds',
  says: 'For a client that does not read, only so much is taken out of the log.',
  check(history) {
    const judgement = new Judgement();
    const boundBytes = eventsOf(history, 'case-started')[0]?.bounds.unreadBytes;
    for (const { user, connection, from, to } of standstillsOf(history)) {
      if (boundBytes === undefined) {
        judgement.unsure('nobody promised a bound');
        continue;
      }
      const taken = bytesTaken(history, user, from, to);
      if (taken > 0) judgement.checked();
      if (taken <= boundBytes) continue;
      judgement.broken({
        why: `${connection} read nothing, and ${taken} bytes were taken out of the log for it; ${boundBytes} may be on their way`,
        shownBy: [from],
        place: 'connection/(unread)',
      });
    }
    return judgement.finding();
  },
};

interface Standstill {
  readonly user: string;
  readonly connection: string;
  readonly from: number;
  readonly to: number;
}

/** From when a user's only connection is not read any more until it is, or ends, or another one opens. */
function standstillsOf(history: History): Standstill[] {
  const standstills: Standstill[] = [];
  const open = new Map<string, Set<string>>();
  const still = new Map<string, EventOf<'stopped-reading' | 'reads-again'>>();
  const over = (user: string, to: number): void => {
    const began = still.get(user);
    still.delete(user);
    if (began !== undefined) standstills.push({ user, connection: began.connection, from: began.seq, to });
  };
  for (const event of history.events) {
    if (event.type === 'connection-opened') {
      over(event.user, event.seq);
      open.set(event.user, (open.get(event.user) ?? new Set()).add(event.connection));
    } else if (event.type === 'connection-closed') {
      over(event.user, event.seq);
      open.get(event.user)?.delete(event.connection);
    } else if (event.type === 'reads-again') over(event.user, event.seq);
    else if (event.type === 'stopped-reading' && (open.get(event.user)?.size ?? 0) <= 1)
      still.set(event.user, event);
  }
  for (const user of [...still.keys()]) over(user, Number.POSITIVE_INFINITY);
  return standstills;
}

function bytesTaken(history: History, user: string, from: number, to: number): number {
  const start = `redis<${user}/`;
  let bytes = 0;
  for (const event of eventsOf(history, 'passed')) {
    if (event.seq <= from || event.seq >= to || event.message?.startsWith(start) !== true) continue;
    if (event.message.includes('/xrange.events#')) bytes += event.bytes ?? 0;
  }
  return bytes;
}
