import type { EventOf, History } from '../../history.ts';
import { Damages } from './damages.ts';
import { type Failure, failuresOf } from './failures.ts';
import { endsRun, type Notice, type RunFrame } from './frames.ts';
import { textOf } from './json-shapes.ts';
import { once } from './once.ts';
import { type RunStory, runStoriesOf } from './run-stories.ts';

/** A run to which nothing was done, of which another failed before it had ended. */
export interface UntouchedRun {
  readonly story: RunStory;
  readonly start: EventOf<'sent'>;
  /** The first failure of anybody else's, or of another run of the user's. */
  readonly failure: Failure;
  /** How it ended: as its user saw it, else as its log holds it; or the error with which it was refused. */
  readonly end: RunFrame | Notice | undefined;
}

/** The untouched runs, in the order in which something was first heard of them. */
export const untouchedRunsOf = once((history: History): UntouchedRun[] => {
  const failures = failuresOf(history);
  if (failures.length === 0) return [];
  const damages = new Damages(history);
  const isOf = ({ user, run }: Failure, other: { user: string | undefined; run: string | undefined }) =>
    user === other.user && run === other.run;
  const [first] = failures;
  const firstElsewhere = failures.find((each) => first !== undefined && !isOf(each, first));
  const untouched: UntouchedRun[] = [];
  for (const story of runStoriesOf(history)) {
    const start = story.starts[0];
    if (start === undefined) continue;
    const end = endOf(story);
    const until = end?.seq ?? Number.POSITIVE_INFINITY;
    const failure = first !== undefined && isOf(first, story) ? firstElsewhere : first;
    if (failure === undefined || failure.seq > until) continue;
    if (damages.reach(story, start, until)) continue;
    untouched.push({ story, start, failure, end });
  }
  return untouched;
});

function endOf(story: RunStory): UntouchedRun['end'] {
  return (
    story.seen.find(endsRun) ??
    story.logged.find(endsRun) ??
    story.errors.find(({ frame }) => textOf(frame, 'code') !== 'RUN_DUPLICATE')
  );
}
