import { eventsOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Judgement } from './reading/judgement.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { shortagesOf } from './reading/shortages.ts';

/**
 * Judged by what the world measured, from outside or by its own model. A run counts that was asked for and taken
 * on within the shortage; what was on its way when it began or ended counts for nothing. With two gateways nobody
 * knows which of them took it on.
 */
export const noRunIsTakenOnWithoutMemory: Invariant = {
  name: 'no-run-is-taken-on-without-memory',
  promise: 'bounds',
  says: 'While a process has more memory than it may have, it takes on no new run.',
  check(history) {
    const judgement = new Judgement();
    const boundBytes = eventsOf(history, 'case-started')[0]?.bounds.processBytes;
    const shortages = shortagesOf(history);
    const processes = new Set(eventsOf(history, 'process-started').map(({ process }) => process));
    if (shortages.length > 0 && [...processes].some((process) => process.startsWith('pipeline-'))) {
      judgement.unsure('two gateways serve, and either may have taken a run on');
      return judgement.finding();
    }
    const starts = runStoriesOf(history)
      .flatMap((story) => story.starts.map((start) => ({ story, start })))
      .sort((a, b) => a.start.seq - b.start.seq);
    let past = 0;
    for (const { process, from, to, bytes } of shortages) {
      // They come in order, and so do the starts.
      while ((starts[past]?.start.seq ?? to) <= from) past++;
      const asked = new Set<RunStory>();
      for (let at = past, next = starts[at]; next !== undefined && next.start.seq < to; next = starts[++at]) {
        const { story, start } = next;
        if (asked.has(story)) continue;
        asked.add(story);
        const { user, run, accepted, errors } = story;
        const answer = [...accepted, ...errors].find(({ seq }) => seq > start.seq && seq < to);
        if (answer === undefined) continue;
        judgement.checked();
        if (answer.type !== 'run_accepted') continue;
        judgement.broken({
          why: `${user}'s ${run} was taken on while ${process} had ${bytes} bytes; it may have ${boundBytes}`,
          shownBy: [from, start.seq, answer.seq],
          place: 'run_accepted/(without memory)',
        });
      }
    }
    return judgement.finding();
  },
};
