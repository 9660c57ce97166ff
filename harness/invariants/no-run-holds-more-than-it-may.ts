import { eventsOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Judgement } from './reading/judgement.ts';
import { endOf, runStoriesOf } from './reading/run-stories.ts';
import { swellsOf } from './reading/swells.ts';

/**
 * Judged by what the world put into the hands of a run, and never by what the pipeline says that it holds. What a
 * run held beside that only makes it more; a run whose end nobody saw shows nothing.
 */
export const noRunHoldsMoreThanItMay: Invariant = {
  name: 'no-run-holds-more-than-it-may',
  promise: 'bounds',
  says: 'A run that is given more than it may hold ends with a named error, and not in an answer.',
  check(history) {
    const judgement = new Judgement();
    const boundBytes = eventsOf(history, 'case-started')[0]?.bounds.runBytes;
    const stories = new Map(runStoriesOf(history).map((story) => [`${story.user} ${story.run}`, story]));
    for (const { user, run, bytes, seq } of swellsOf(history)) {
      if (boundBytes === undefined) {
        judgement.unsure('nobody promised a bound');
        continue;
      }
      const story = stories.get(`${user} ${run}`);
      const end = story === undefined ? undefined : endOf(story);
      if (end === undefined) continue;
      judgement.checked();
      if (bytes <= boundBytes || end.type === 'run_failed') continue;
      judgement.broken({
        why: `${user}'s ${run} was given ${bytes} bytes at once, may hold ${boundBytes}, and went on to an answer`,
        shownBy: [seq, end.seq],
        place: 'run/(over its memory)',
      });
    }
    return judgement.finding();
  },
};
