import { eventsOf } from '../../harness/history.ts';
import { lacksOf } from '../../harness/invariants/reading/lacks.ts';
import { endOf, runStoriesOf } from '../../harness/invariants/reading/run-stories.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Of the things that a start lacked for longer than it waits: those that the process named as it refused, or on `/ready`. */
export const lacksNamed: Metric = {
  name: 'startup faults named, of those tried',
  unit: 'share',
  measure(history) {
    const startMs = eventsOf(history, 'case-started')[0]?.bounds.startMs ?? 0;
    const lasting = lacksOf(history).filter(({ until }) => until > startMs);
    const said = [
      ...eventsOf(history, 'start-refused').flatMap(({ names }) => names),
      ...eventsOf(history, 'health').flatMap(({ body }) =>
        Array.from(JSON.stringify(body).matchAll(/"dependency":"(\w+)"/g), ([, name]) => name ?? ''),
      ),
    ];
    return { hits: lasting.filter(({ dependency }) => said.includes(dependency)).length, of: lasting.length };
  },
};

/** Of the starts that lacked only what came in time: those that served in the end. */
export const startsThatWaited: Metric = {
  name: 'starts that waited for what came in time',
  unit: 'share',
  measure(history) {
    const startMs = eventsOf(history, 'case-started')[0]?.bounds.startMs ?? 0;
    const lacks = lacksOf(history);
    if (lacks.length === 0 || lacks.some(({ until }) => until > startMs)) return { hits: 0, of: 0 };
    return { hits: eventsOf(history, 'start-refused').length === 0 ? 1 : 0, of: 1 };
  },
};

/** Of the runs that were taken on: those that were answered within ten seconds. */
export const answeredInTenSeconds: Metric = {
  name: 'requests answered within 10 s',
  unit: 'share',
  measure(history) {
    const taken = runStoriesOf(history).filter(({ accepted }) => accepted.length > 0);
    const inTime = taken.filter((story) => {
      const end = endOf(story);
      const asked = story.starts[0]?.at ?? Number.NEGATIVE_INFINITY;
      return end?.type === 'run_completed' && end.at - asked <= 10_000;
    });
    return { hits: inTime.length, of: taken.length };
  },
};
