import { eventsOf } from '../../harness/history.ts';
import { framesOf } from '../../harness/invariants/reading/frames.ts';
import { textOf } from '../../harness/invariants/reading/json-shapes.ts';
import { untouchedRunsOf } from '../../harness/invariants/reading/untouched-runs.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Of the requests that were made after a failure, and to which nothing was done: those that were answered in full. */
export const servedAfterAFailure: Metric = {
  name: 'requests served after a failure',
  unit: 'share',
  measure(history) {
    const later = untouchedRunsOf(history).filter(({ start, failure }) => start.seq > failure.seq);
    const served = later.filter(
      ({ end }) => end !== undefined && 'payload' in end && textOf(end.payload, 'status') === 'complete',
    );
    return { hits: served.length, of: later.length };
  },
};

/** From the moment in which an agent or a tool fails to the next answer in full, whoever gets it. */
export const timeToRecovery: Metric = {
  name: 'time from a failure to the next full answer',
  unit: 'ms',
  measure(history) {
    const answers = framesOf(history)
      .seen.filter(
        (frame) => frame.type === 'run_completed' && textOf(frame.payload, 'status') === 'complete',
      )
      .map(({ at }) => at);
    const waits = [...eventsOf(history, 'agent-failed'), ...eventsOf(history, 'tool-failed')].flatMap(
      (failed) => {
        const next = answers.find((at) => at >= failed.at);
        return next === undefined ? [] : [next - failed.at];
      },
    );
    return { hits: waits.reduce((sum, ms) => sum + ms, 0), of: waits.length };
  },
};
