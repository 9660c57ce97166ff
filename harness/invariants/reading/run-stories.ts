import type { EventOf, History } from '../../history.ts';
import { endsRun, framesOf, type Notice, type RunFrame } from './frames.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';
import { isTurnedAway, visitsOf } from './visits.ts';

/** All that is known of one run of one user. */
export interface RunStory {
  readonly user: string;
  readonly run: string;
  /** The `start_agent` frames that the user sent where somebody let the user in, in order. */
  readonly starts: readonly EventOf<'sent'>[];
  /** The `resume` frames that the user sent. */
  readonly resumes: readonly EventOf<'sent'>[];
  /** The `run_accepted` notices. */
  readonly accepted: readonly Notice[];
  /** `error` notices that name the run. */
  readonly errors: readonly Notice[];
  /** Every event of the run that the user saw, in the order in which it was seen, replays included. */
  readonly seen: readonly RunFrame[];
  /** The events that lie in the run's log, in its order. */
  readonly logged: readonly RunFrame[];
  readonly gaveUp: EventOf<'gave-up'> | undefined;
  /** The user closed the last connection and did not come back. */
  readonly left: boolean;
}

/** The end that a user saw: the first of `run_completed` and `run_failed`. */
export function endOf(story: RunStory): RunFrame | undefined {
  return story.seen.find(endsRun);
}

/** Runs in the order in which something was first heard of them. */
export const runStoriesOf = once(readStories);

type Draft = { -readonly [key in keyof RunStory]: RunStory[key] } & {
  readonly starts: EventOf<'sent'>[];
  readonly resumes: EventOf<'sent'>[];
  readonly accepted: Notice[];
  readonly errors: Notice[];
  readonly seen: RunFrame[];
  readonly logged: RunFrame[];
};

function readStories(history: History): RunStory[] {
  const stories = new Map<string, Draft>();
  const story = (user: string, run: string): Draft => {
    const key = `${user} ${run}`;
    let draft = stories.get(key);
    if (draft === undefined) {
      draft = {
        user,
        run,
        starts: [],
        resumes: [],
        accepted: [],
        errors: [],
        seen: [],
        logged: [],
        gaveUp: undefined,
        left: false,
      };
      stories.set(key, draft);
    }
    return draft;
  };

  const turnedAway = new Set(
    visitsOf(history)
      .filter(isTurnedAway)
      .map(({ user, connection }) => `${user} ${connection}`),
  );
  const lastWord = new Map<string, EventOf<'connection-opened'> | EventOf<'connection-closed'>>();
  for (const event of history.events) {
    if (event.type === 'sent') {
      const frame = objectOf(event.frame);
      const run = textOf(frame, 'run_id');
      if (run === undefined) continue;
      if (textOf(frame, 'type') === 'resume') story(event.user, run).resumes.push(event);
      const isHeard = !turnedAway.has(`${event.user} ${event.connection}`);
      if (isHeard && textOf(frame, 'type') === 'start_agent') story(event.user, run).starts.push(event);
    } else if (event.type === 'gave-up') {
      story(event.user, event.run).gaveUp = event;
    } else if (event.type === 'connection-opened' || event.type === 'connection-closed') {
      lastWord.set(event.user, event);
    }
  }
  const { seen, logged, notices } = framesOf(history);
  for (const frame of seen) story(frame.user, frame.run).seen.push(frame);
  for (const frame of logged) story(frame.user, frame.run).logged.push(frame);
  for (const notice of notices) {
    if (notice.run === undefined) continue;
    if (notice.type === 'run_accepted') story(notice.user, notice.run).accepted.push(notice);
    else if (notice.type === 'error') story(notice.user, notice.run).errors.push(notice);
  }
  for (const draft of stories.values()) {
    const last = lastWord.get(draft.user);
    draft.left = last?.type === 'connection-closed' && last.by === 'user';
  }
  return [...stories.values()];
}
