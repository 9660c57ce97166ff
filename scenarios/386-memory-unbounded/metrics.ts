import { eventsOf } from '../../harness/history.ts';
import { endOf, runStoriesOf } from '../../harness/invariants/reading/run-stories.ts';
import { shortagesOf } from '../../harness/invariants/reading/shortages.ts';
import { swellsOf } from '../../harness/invariants/reading/swells.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Of the runs that were asked for while the process was short of memory: those that were refused. */
export const overloadedRunsRefused: Metric = {
  name: 'runs refused while there was no memory for them',
  unit: 'share',
  measure(history) {
    const shortages = shortagesOf(history);
    const asked = runStoriesOf(history).filter(({ starts, accepted, errors }) =>
      shortages.some(({ from, to }) =>
        [...accepted, ...errors].some(
          ({ seq }) => seq < to && starts.some((start) => start.seq > from && start.seq < seq),
        ),
      ),
    );
    return { hits: asked.filter(({ accepted }) => accepted.length === 0).length, of: asked.length };
  },
};

/** Of the runs that were given more than they may hold: those that ended in a named error. */
export const overweightRunsEnded: Metric = {
  name: 'runs over their memory that ended with a named error',
  unit: 'share',
  measure(history) {
    const boundBytes = eventsOf(history, 'case-started')[0]?.bounds.runBytes ?? 0;
    const over = swellsOf(history).filter(({ bytes }) => bytes > boundBytes);
    const ended = over.filter(({ user, run }) => {
      const story = runStoriesOf(history).find((each) => each.user === user && each.run === run);
      return story !== undefined && endOf(story)?.type === 'run_failed';
    });
    return { hits: ended.length, of: over.length };
  },
};

/** Of the runs that were taken on of users to whom nothing was done: those that were answered in full. */
export const runsBesideServed: Metric = {
  name: 'runs of others answered in full',
  unit: 'share',
  measure(history) {
    const beside = runStoriesOf(history).filter(
      ({ user, accepted, seen }) => user !== 'alice' && (accepted.length > 0 || seen.length > 0),
    );
    const served = beside.filter((story) => endOf(story)?.payload.status === 'complete');
    return { hits: served.length, of: beside.length };
  },
};
