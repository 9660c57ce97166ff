import { eventsOf, type History } from '../../harness/history.ts';
import { Account } from '../../harness/invariants/reading/account.ts';
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

/** Of the cache's look-ups, as counted on `/metrics`: those that hit. */
export const cacheHits: Metric = {
  name: 'cache look-ups that hit',
  unit: 'share',
  measure(history) {
    return {
      hits: counted(history, 'faultline_cache_total', { result: 'hit' }),
      of: lookUps(history),
    };
  },
};

/** Of the hits that the cache counted: those in which the user was sent what was really returned, or told what is missing. */
export const cacheHitsThatGaveTheResultBack: Metric = {
  name: 'cache hits that gave the result back',
  unit: 'share',
  measure(history) {
    const fromCache = new Set(
      framesOf(history)
        .logged.filter(({ type, payload }) => type === 'agent_completed' && payload.cached_from !== undefined)
        .map(({ seq }) => seq),
    );
    const back = carriedValuesOf(history).values.filter(({ road, seq, differences, account }) => {
      if (road !== 'events' || !fromCache.has(seq)) return false;
      const told = new Account(account);
      return differences.every((each) => told.explains(each));
    });
    return { hits: back.length, of: counted(history, 'faultline_cache_total', { result: 'hit' }) };
  },
};

/** Values that encoding removed or changed, as counted on `/metrics`, beside the live objects that were put in. */
export const valuesNamedOnMetrics: Metric = {
  name: 'serialisation failures counted on /metrics',
  unit: 'count',
  measure(history) {
    return {
      hits: counted(history, 'faultline_serialisation_alterations_total'),
      of: eventsOf(history, 'fault-fired').length,
    };
  },
};

/** Entries of another version that the last process met and refused, of all its look-ups, as counted on `/metrics`. */
export const entriesRefused: Metric = {
  name: 'old entries refused',
  unit: 'count',
  measure(history) {
    return {
      hits: counted(history, 'faultline_cache_total', { result: 'refused' }),
      of: lookUps(history),
    };
  },
};

function lookUps(history: History): number {
  return ['hit', 'miss', 'refused']
    .map((result) => counted(history, 'faultline_cache_total', { result }))
    .reduce((sum, count) => sum + count, 0);
}

/** The sum of a counter's samples with these labels. */
function counted(history: History, name: string, labels: Readonly<Record<string, string>> = {}): number {
  return eventsOf(history, 'metric')
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

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
