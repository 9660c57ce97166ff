import { eventsOf, type History } from '../../harness/history.ts';
import { runStoriesOf } from '../../harness/invariants/reading/run-stories.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Whether each run's agents were asked what its user asked: `hits` of those that were not. */
export const foreignValues: Metric = {
  name: 'agents asked what another run asked',
  unit: 'count',
  measure(history) {
    const requests = requestsOf(history);
    const asked = eventsOf(history, 'agent-asked');
    const foreign = asked.filter(
      ({ user, run, input }) =>
        (input as { readonly request?: unknown }).request !== requests.get(`${user} ${run}`),
    );
    return { hits: foreign.length, of: asked.length };
  },
};

/** The others were refused, since their user had as many as a user may have. */
export const runsLetIn: Metric = {
  name: 'runs let in, of all that were asked for',
  unit: 'share',
  measure(history) {
    const started = runStoriesOf(history).filter(({ starts }) => starts.length > 0);
    return { hits: started.filter(({ accepted }) => accepted.length > 0).length, of: started.length };
  },
};

function requestsOf(history: History): Map<string, unknown> {
  return new Map(
    runStoriesOf(history).map(({ user, run, starts }) => {
      const frame = starts[0]?.frame as
        | { readonly payload?: { readonly user_request?: unknown } }
        | undefined;
      return [`${user} ${run}`, frame?.payload?.user_request];
    }),
  );
}
