import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { deathsOf } from './reading/deaths.ts';
import { framesOf } from './reading/frames.ts';
import { fieldOf, objectOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { type WireFault, wireFaultsOf } from './reading/wire-faults.ts';

/** So long after the last fault nothing of it counts any more, ms: dead peers were noticed, leases have ended. */
const calmMs = 10_000;
/** Within it a resume is served where nothing disturbs it, ms. */
const servedMs = 800;

/**
 * An event that lies in a run's log came to its user, or the user was told that it did not: where the user
 * waited in calm until patience ended, and where the user asked for it by a resume on a connection that then
 * stood undisturbed. What was sent to nobody, or is on its way still, is not known to be lost.
 */
export const noEventIsLostSilently: Invariant = {
  name: 'no-event-is-lost-silently',
  promise: 'delivery',
  says: 'Every event of a run reaches the user who waits or asks for it, or the loss is named.',
  check(history) {
    const judgement = new Judgement();
    const storm = new Storm(history);
    const lost = new Map<string, number>();
    for (const { type, user, run, frame } of framesOf(history).notices) {
      if (type !== 'events_lost') continue;
      const before = Number(fieldOf(frame, 'available_from'));
      lost.set(`${user} ${run}`, Math.max(before, lost.get(`${user} ${run}`) ?? 0));
    }
    for (const story of runStoriesOf(history)) {
      const { user, run, seen, logged, errors, gaveUp } = story;
      if (logged.length === 0) continue;
      judgement.checked();
      const waited = gaveUp !== undefined && storm.isCalm(user, gaveUp.at) ? gaveUp : undefined;
      // What comes at a later connection was still missed on the one on which the user waited.
      const inTime = waited === undefined ? seen : seen.filter(({ seq }) => seq < waited.seq);
      const have = new Set(inTime.map(({ sequence }) => sequence));
      const goneBefore = lost.get(`${user} ${run}`) ?? 0;
      const missing = logged.find(({ sequence }) => !have.has(sequence) && sequence >= goneBefore);
      if (missing === undefined || errors.length > 0) continue;
      const asked = waited ?? askedInVain(story, missing.sequence, storm);
      if (asked === undefined) continue;
      judgement.broken({
        why: `${user}'s ${run}: event ${missing.sequence} (${missing.type}) lies in the log, and never came to who ${asked.type === 'gave-up' ? 'waited' : 'asked'} for it`,
        shownBy: [asked.seq, missing.seq],
        place: `${missing.type}/(lost silently)`,
      });
    }
    return judgement.finding();
  },
};

/** A resume to which the event was due, once it is known to have been there: a later one came. */
function askedInVain(
  { user, seen, resumes }: RunStory,
  sequence: number,
  storm: Storm,
): EventOf<'sent'> | undefined {
  const proof = seen.find((frame) => frame.sequence > sequence);
  if (proof === undefined) return undefined;
  return resumes.find((resume) => {
    if (Number(fieldOf(objectOf(resume.frame), 'after')) >= sequence) return false;
    const from = Math.max(resume.at, proof.at);
    return storm.stands(user, resume, from + servedMs);
  });
}

/** When something was wrong, and which connections stood. */
class Storm {
  readonly #history: History;
  readonly #faults: readonly WireFault[];
  readonly #exits: readonly EventOf<'process-exited'>[];
  readonly #closed = new Map<string, number>();
  readonly #open = new Map<string, number>();
  readonly #endedAt: number;

  constructor(history: History) {
    this.#history = history;
    this.#faults = wireFaultsOf(history).filter(({ wire }) => wire === 'client' || wire === 'redis');
    this.#exits = deathsOf(history);
    for (const event of eventsOf(history, 'connection-opened')) this.#open.set(nameOf(event), event.at);
    for (const event of eventsOf(history, 'connection-closed')) this.#closed.set(nameOf(event), event.at);
    this.#endedAt = history.events.at(-1)?.at ?? 0;
  }

  /** Whether the user had a connection then, and nothing was wrong for a while before. */
  isCalm(user: string, at: number): boolean {
    const isConnected = [...this.#open].some(
      ([name, opened]) =>
        name.startsWith(`${user} `) && opened < at - servedMs && (this.#closed.get(name) ?? Infinity) >= at,
    );
    return isConnected && !this.#anyWrong(at - calmMs, at);
  }

  /** Whether the connection of what was sent stood until then, and nothing was wrong meanwhile. */
  stands(user: string, sent: EventOf<'sent'>, until: number): boolean {
    const closed = this.#closed.get(nameOf({ user, connection: sent.connection })) ?? this.#endedAt;
    return closed >= until && !this.#anyWrong(sent.at, until);
  }

  #anyWrong(from: number, to: number): boolean {
    const isWithin = (at: number, heldMs: number): boolean => at <= to && at + heldMs >= from;
    return (
      this.#faults.some(({ seq, heldMs }) => isWithin(this.#history.events[seq - 1]?.at ?? 0, heldMs)) ||
      this.#exits.some(({ at }) => isWithin(at, 0))
    );
  }
}

function nameOf({ user, connection }: { readonly user: string; readonly connection: string }): string {
  return `${user} ${connection}`;
}
