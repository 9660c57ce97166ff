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
    for (const { connection, from, taken } of standstillsOf(history)) {
      if (boundBytes === undefined) {
        judgement.unsure('nobody promised a bound');
        continue;
      }
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
  readonly connection: string;
  /** `seq` of its first event. */
  readonly from: number;
  /** Bytes that were taken out of the log for its user meanwhile. */
  readonly taken: number;
}

/** From when a user's only connection is not read any more until it is, or ends, or another one opens. */
function standstillsOf(history: History): Standstill[] {
  const standstills: Standstill[] = [];
  const open = new Map<string, Set<string>>();
  const still = new Map<
    string,
    { readonly began: EventOf<'stopped-reading' | 'reads-again'>; readonly before: number }
  >();
  /** By user: bytes that were taken out of the log so far. */
  const taken = new Map<string, number>();
  const takenFor = (user: string): number => taken.get(user) ?? 0;
  const over = (user: string): void => {
    const standing = still.get(user);
    still.delete(user);
    if (standing === undefined) return;
    const { began, before } = standing;
    standstills.push({ connection: began.connection, from: began.seq, taken: takenFor(user) - before });
  };
  for (const event of history.events) {
    if (event.type === 'connection-opened') {
      over(event.user);
      open.set(event.user, (open.get(event.user) ?? new Set()).add(event.connection));
    } else if (event.type === 'connection-closed') {
      over(event.user);
      open.get(event.user)?.delete(event.connection);
    } else if (event.type === 'reads-again') over(event.user);
    else if (event.type === 'stopped-reading' && (open.get(event.user)?.size ?? 0) <= 1)
      still.set(event.user, { began: event, before: takenFor(event.user) });
    else if (event.type === 'passed') {
      const user = /^redis<([^/]*)\/.*\/xrange\.events#/.exec(event.message ?? '')?.[1];
      if (user !== undefined) taken.set(user, takenFor(user) + (event.bytes ?? 0));
    }
  }
  for (const user of [...still.keys()]) over(user);
  return standstills;
}
