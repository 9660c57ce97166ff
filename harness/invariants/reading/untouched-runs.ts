import type { EventOf, History, HistoryEvent } from '../../history.ts';
import { type Failure, failuresOf } from './failures.ts';
import { endsRun, type Notice, type RunFrame } from './frames.ts';
import { textOf } from './json-shapes.ts';
import { once } from './once.ts';
import { type RunStory, runStoriesOf } from './run-stories.ts';
import { type WireFault, wireFaultsOf } from './wire-faults.ts';

/** A run to which nothing was done, of which another failed before it had ended. */
export interface UntouchedRun {
  readonly story: RunStory;
  readonly start: EventOf<'sent'>;
  /** The first failure of anybody else's, or of another run of the user's. */
  readonly failure: Failure;
  /** How it ended: as its user saw it, else as its log holds it; or the error with which it was refused. */
  readonly end: RunFrame | Notice | undefined;
}

/**
 * Time that what is shared may take to be as it was, after a process or a connection broke: a run that was
 * begun earlier may have met the damage.
 */
const recoveryMs = 5_000;

/** A wait that is nobody's failure: shorter than any deadline. */
const harmlessMs = 1_000;

/** The untouched runs, in the order in which something was first heard of them. */
export const untouchedRunsOf = once((history: History): UntouchedRun[] => {
  const failures = failuresOf(history);
  if (failures.length === 0) return [];
  const damages = damagesOf(history);
  const untouched: UntouchedRun[] = [];
  for (const story of runStoriesOf(history)) {
    const start = story.starts[0];
    if (start === undefined) continue;
    const end = endOf(story);
    const until = end?.seq ?? Number.POSITIVE_INFINITY;
    const failure = failures.find(({ user, run }) => user !== story.user || run !== story.run);
    if (failure === undefined || failure.seq > until) continue;
    if (damages.some((damage) => reaches(damage, { story, start, until }))) continue;
    untouched.push({ story, start, failure, end });
  }
  return untouched;
});

/** Something that was done, and to whom: to one run, to all that a user did from then on, or to everybody. */
interface Damage {
  readonly seq: number;
  readonly at: number;
  readonly user: string | undefined;
  readonly run: string | undefined;
}

function damagesOf(history: History): Damage[] {
  const of = (event: HistoryEvent): Damage => {
    const { user, run } = 'user' in event && 'run' in event ? event : { user: undefined, run: undefined };
    return { seq: event.seq, at: event.at, user, run };
  };
  const done = history.events
    .filter(
      (event) =>
        (event.type === 'process-exited' && event.cause !== 'asked') ||
        (event.type === 'process-started' && event.instance > 1) ||
        event.type === 'fault-ended' ||
        ((event.type === 'agent-returned' || event.type === 'tool-returned') && event.poisoned.length > 0),
    )
    .map(of);
  const atOf = new Map(history.events.map(({ seq, at }) => [seq, at]));
  return [
    ...done,
    ...wireFaultsOf(history)
      .filter(isHarmful)
      .map((fault) => ({ seq: fault.seq, at: atOf.get(fault.seq) ?? 0, ...whomOf(fault) })),
  ];
}

/** What only waits, and less than any deadline, harms nobody. */
function isHarmful({ does, heldMs }: WireFault): boolean {
  return (does !== 'delay' && does !== 'hold') || heldMs > harmlessMs;
}

/**
 * What breaks a connection harms all who share it: everybody on the way to the store, the user on the way to
 * the gateway.
 */
function whomOf({ wire, does, user, run }: WireFault): Pick<Damage, 'user' | 'run'> {
  if (wire === 'redis') return does === 'fail' || does === 'duplicate' ? { user, run } : everybody;
  return wire === 'client' ? { user, run: undefined } : { user, run };
}

const everybody = { user: undefined, run: undefined };

function reaches(
  damage: Damage,
  {
    story,
    start,
    until,
  }: { readonly story: RunStory; readonly start: EventOf<'sent'>; readonly until: number },
): boolean {
  if (damage.user !== undefined && damage.user !== story.user) return false;
  if (damage.run !== undefined) return damage.run === story.run;
  return damage.seq < until && damage.at > start.at - recoveryMs;
}

function endOf(story: RunStory): UntouchedRun['end'] {
  return (
    story.seen.find(endsRun) ??
    story.logged.find(endsRun) ??
    story.errors.find(({ frame }) => textOf(frame, 'code') !== 'RUN_DUPLICATE')
  );
}
