import { eventsOf, type History } from '../../harness/history.ts';
import { carriedValuesOf } from '../../harness/invariants/reading/carried-values.ts';
import { framesOf } from '../../harness/invariants/reading/frames.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Of the cases in which poison was really put in: those in which every run was answered. */
export const contaminatedCasesSurvived = answeredOf('contaminated cases survived');

/** Of the cases in which an agent really failed: those in which every run was answered, and none refused by name. */
export const answeredInSpiteOfFailure = answeredOf('cases answered in spite of a failed agent');

/** Of the healthy results, wherever one was stored or sent: those that are exactly what was returned, and said to be. */
export const cleanResultsReturnedExactly: Metric = {
  name: 'healthy results returned exactly',
  unit: 'share',
  measure(history) {
    const healthy = carriedValuesOf(history).values.filter(({ twin }) => twin.poisoned.length === 0);
    const exact = healthy.filter(
      ({ differences, account }) =>
        differences.length === 0 && Array.isArray(account) && account.length === 0,
    );
    return { hits: exact.length, of: healthy.length };
  },
};

function answeredOf(name: string): Metric {
  return {
    name,
    unit: 'share',
    measure(history) {
      if (eventsOf(history, 'fault-fired').length === 0) return { hits: 0, of: 0 };
      return { hits: everyRunIsAnswered(history) ? 1 : 0, of: 1 };
    },
  };
}

function everyRunIsAnswered(history: History): boolean {
  const asked = eventsOf(history, 'case-started').flatMap(({ planned }) => planned.asks);
  const answered = new Set(
    framesOf(history)
      .seen.filter(({ type }) => type === 'run_completed')
      .map(({ user, run }) => `${user} ${run}`),
  );
  return asked.every(({ user, run }) => answered.has(`${user} ${run}`));
}
