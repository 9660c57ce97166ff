import { failuresOf } from '../../harness/invariants/reading/failures.ts';
import { textOf } from '../../harness/invariants/reading/json-shapes.ts';
import { type UntouchedRun, untouchedRunsOf } from '../../harness/invariants/reading/untouched-runs.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Of the requests that were made after a failure, and to which nothing was done: those that were answered in full. */
export const servedAfterAFailure: Metric = {
  name: 'requests served after a failure',
  unit: 'share',
  measure(history) {
    const later = untouchedRunsOf(history).filter(({ start, failure }) => start.seq > failure.seq);
    const served = later.filter(({ end }) => isFullAnswer(end));
    return { hits: served.length, of: later.length };
  },
};

/**
 * From the first sign that a run has failed to the answer in full to the next request to which nothing is done,
 * whoever makes it; where others fail in between, from the last of them.
 */
export const timeToRecovery: Metric = {
  name: 'time from a failure to the next full answer',
  unit: 'ms',
  measure(history) {
    const failed = new Set<string>();
    const failures = failuresOf(history).filter(({ user, run }) => {
      const isFirst = !failed.has(`${user} ${run}`);
      failed.add(`${user} ${run}`);
      return isFirst;
    });
    const later = untouchedRunsOf(history)
      .filter(({ end }) => isFullAnswer(end))
      .sort((left, right) => left.start.seq - right.start.seq);
    const waits = failures.flatMap(({ seq, at }, index) => {
      const next = later.find(({ start }) => start.seq > seq);
      const another = failures[index + 1];
      if (next?.end === undefined || (another !== undefined && another.seq < next.start.seq)) return [];
      return [next.end.at - at];
    });
    return { hits: waits.reduce((sum, ms) => sum + ms, 0), of: waits.length };
  },
};

function isFullAnswer(end: UntouchedRun['end']): boolean {
  return end !== undefined && 'payload' in end && textOf(end.payload, 'status') === 'complete';
}
