import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { confirmationsOf } from './reading/confirmations.ts';
import type { RunFrame } from './reading/frames.ts';
import { equal } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { runStoriesOf } from './reading/run-stories.ts';
import { stretchesOf } from './reading/stretches.ts';
import { metConnectionOf, type WireFault, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * An event comes once on a connection, unless the user asked for it again by a resume, a fault doubled it on
 * the wire, or it was not confirmed for a while, or the confirmation may not have come yet; and where it comes
 * again it is the same event, under the same number, so that an application never sees it twice.
 */
export const noEventIsSeenTwice: Invariant = {
  name: 'no-event-is-seen-twice',
  promise: 'delivery',
  says: 'No event reaches a user twice on a connection, and none comes again with other content.',
  check(history) {
    const judgement = new Judgement();
    const confirmed = confirmationsOf(history);
    const isKept = keptConfirmations(history);
    const sentAt = earliestSent(history);
    const doubled = wireFaultsOf(history).filter((fault) => fault.does === 'duplicate');
    for (const { user, frames } of stretchesOf(history)) {
      const before = new Map<number, RunFrame>();
      for (const frame of frames) {
        judgement.checked();
        const first = before.get(frame.sequence);
        if (first === undefined) {
          before.set(frame.sequence, frame);
          continue;
        }
        const arrived = isKept(frame) ? [] : (confirmed.get(`${user} ${frame.run}`) ?? []);
        if (isUnconfirmed(arrived, { ...first, at: sentAt(first) }, frame)) continue;
        if (
          doubled.some(
            (fault) =>
              fault.seq < frame.seq &&
              metConnectionOf(fault, user) &&
              (fault.run === undefined || fault.run === frame.run),
          )
        )
          continue;
        judgement.broken({
          why: `${user}'s ${frame.run}: event ${frame.sequence} (${frame.type}) came twice on one connection`,
          shownBy: [first.seq, frame.seq],
          place: `${frame.type}/(twice)`,
        });
      }
    }
    for (const { user, run, seen } of runStoriesOf(history)) {
      const first = new Map<number, RunFrame>();
      for (const frame of seen) {
        const before = first.get(frame.sequence);
        if (before === undefined) first.set(frame.sequence, frame);
        else if (!equal(before.frame, frame.frame))
          judgement.broken({
            why: `${user}'s ${run}: event ${frame.sequence} came as ${before.type}, and again with other content`,
            shownBy: [before.seq, frame.seq],
            place: `${before.type}/(changed)`,
          });
      }
    }
    return judgement.finding();
  },
};

/** Whether a fault that met the frame's connection before it may have kept confirmations from the server by then. */
function keptConfirmations(history: History): (frame: RunFrame) => boolean {
  const faults = wireFaultsOf(history)
    .filter(keepsRequests)
    .map((fault) => ({ fault, until: keptUntil(fault, history.events[fault.seq - 1]?.at ?? 0) }));
  if (faults.length === 0) return () => false;
  const opened = new Map(
    eventsOf(history, 'connection-opened').map(({ user, connection, seq }) => [`${user} ${connection}`, seq]),
  );
  return ({ user, connection, seq, at }) => {
    const from = opened.get(`${user} ${connection}`) ?? 0;
    return faults.some(
      ({ fault, until }) =>
        fault.seq > from && fault.seq < seq && at <= until && metConnectionOf(fault, user),
    );
  };
}

function keepsRequests({ does, meets }: WireFault): boolean {
  return meets !== 'reply' && does !== 'duplicate' && does !== 'split' && does !== 'fragment';
}

/** What only waits comes all the same, and is known soon after; what is lost is missed as long as the connection lasts. */
function keptUntil({ does, heldMs }: WireFault, at: number): number {
  const isLate = does === 'delay' || does === 'hold' || does === 'stall' || does === 'reorder';
  return isLate ? at + heldMs + patienceMs : Number.POSITIVE_INFINITY;
}

/** When a frame was sent at the earliest: one that was held up on its way came late. */
function earliestSent(history: History): (frame: RunFrame) => number {
  const holding = wireFaultsOf(history)
    .filter(({ heldMs, meets, wire }) => wire === 'client' && heldMs > 0 && meets !== 'request')
    .map((fault) => ({ fault, at: history.events[fault.seq - 1]?.at ?? 0 }));
  return (frame) =>
    holding
      .filter(
        ({ fault, at }) => metConnectionOf(fault, frame.user) && frame.at <= at + fault.heldMs + patienceMs,
      )
      .reduce((earliest, { at }) => Math.min(earliest, at), frame.at);
}

/** Sooner no confirmation can be missed, ms. */
const patienceMs = 500;

/** Whether nobody had confirmed the event when it came again, though there was time. */
function isUnconfirmed(
  confirmations: readonly EventOf<'confirmed'>[],
  first: RunFrame,
  again: RunFrame,
): boolean {
  if (again.at - first.at < patienceMs) return false;
  return !confirmations.some((each) => each.at < again.at - patienceMs && each.sequence >= first.sequence);
}
