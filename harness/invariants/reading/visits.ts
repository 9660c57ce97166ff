import type { EventOf, History } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** All that is known of one connection of a user, from the first try to be let in to its end. */
export interface Visit {
  readonly user: string;
  readonly connection: string;
  /** What was shown, where that was a try of its own. */
  readonly knocked: EventOf<'knocked'> | undefined;
  readonly opened: EventOf<'connection-opened'> | undefined;
  readonly refused: EventOf<'connection-refused'> | undefined;
  readonly closed: EventOf<'connection-closed'> | undefined;
  /** From then on the client was as good as dead. */
  readonly silent: EventOf<'fell-silent'> | undefined;
  /** Where the server said that it is ready. */
  readonly welcome: EventOf<'seen'> | undefined;
  readonly sent: readonly EventOf<'sent'>[];
  readonly seen: readonly EventOf<'seen'>[];
}

/** Connections in the order in which each was first heard of. */
export const visitsOf = once(readVisits);

/** What the user sent before the server said that it is ready; all of it where that was never said. */
export function earlyMessagesOf({ sent, welcome }: Visit): readonly EventOf<'sent'>[] {
  return welcome === undefined ? sent : sent.filter(({ seq }) => seq < welcome.seq);
}

/** Whether the server said by the close why the connection goes: a reason, and a code that is no failure of its own. */
export function isNamedClose(closed: EventOf<'connection-closed'>): boolean {
  return closed.by === 'other' && closed.reason !== '' && !unnamed.includes(closed.code);
}

/** Whether the server let nobody in on this connection, and said so. */
export function isTurnedAway({ refused, closed, welcome }: Visit): boolean {
  if (refused !== undefined) return refused.status >= 400;
  return welcome === undefined && closed !== undefined && isNamedClose(closed);
}

/** An orderly end, no code, no close frame, a failure of the server (RFC 6455, section 7.4.1). */
const unnamed = [1000, 1005, 1006, 1011];

type Draft = { -readonly [key in keyof Visit]: Visit[key] } & {
  readonly sent: EventOf<'sent'>[];
  readonly seen: EventOf<'seen'>[];
};

function readVisits(history: History): Visit[] {
  const visits = new Map<string, Draft>();
  for (const event of history.events) {
    if (!('connection' in event)) continue;
    const visit = visitIn(visits, event.user, event.connection);
    switch (event.type) {
      case 'knocked':
        visit.knocked = event;
        break;
      case 'connection-opened':
        visit.opened = event;
        break;
      case 'connection-refused':
        visit.refused = event;
        break;
      case 'connection-closed':
        visit.closed = event;
        break;
      case 'fell-silent':
        visit.silent = event;
        break;
      case 'sent':
        visit.sent.push(event);
        break;
      case 'seen':
        visit.seen.push(event);
        if (visit.welcome === undefined && textOf(objectOf(event.frame), 'type') === 'connection_established')
          visit.welcome = event;
    }
  }
  return [...visits.values()];
}

function visitIn(visits: Map<string, Draft>, user: string, connection: string): Draft {
  const key = `${user} ${connection}`;
  let visit = visits.get(key);
  if (visit === undefined) {
    visit = {
      user,
      connection,
      knocked: undefined,
      opened: undefined,
      refused: undefined,
      closed: undefined,
      silent: undefined,
      welcome: undefined,
      sent: [],
      seen: [],
    };
    visits.set(key, visit);
  }
  return visit;
}
