import type { History } from '../../harness/history.ts';
import { textOf } from '../../harness/invariants/reading/json-shapes.ts';
import { type RunStory, runStoriesOf } from '../../harness/invariants/reading/run-stories.ts';
import type { Metric } from '../../harness/scenario.ts';

function refusedIn(history: History): { readonly message: string; readonly tookMs: number }[] {
  return runStoriesOf(history).flatMap((story: RunStory) => {
    const refusal = story.errors.find(({ frame }) => textOf(frame, 'code') === 'PREREQUISITE_FAILED');
    const [start] = story.starts;
    if (refusal === undefined || start === undefined) return [];
    return [{ message: textOf(refusal.frame, 'message') ?? '', tookMs: refusal.at - start.at }];
  });
}

export const runsRefused: Metric = {
  name: 'runs refused before they cost anything',
  unit: 'count',
  measure: (history) => ({ hits: refusedIn(history).length, of: runStoriesOf(history).length }),
};

/** Of these refusals: those that name what is missing. */
export const causesNamed: Metric = {
  name: 'causes named',
  unit: 'share',
  measure(history) {
    const refused = refusedIn(history);
    const named = refused.filter(({ message }) => /\b(model|stores|registry): /.test(message));
    return { hits: named.length, of: refused.length };
  },
};

export const refusedWithinMs: Metric = {
  name: 'time to a refusal',
  unit: 'ms',
  measure(history) {
    const refused = refusedIn(history);
    return { hits: refused.reduce((sum, { tookMs }) => sum + tookMs, 0), of: refused.length };
  },
};
