import { visitsOf } from '../../harness/invariants/reading/visits.ts';
import type { Metric } from '../../harness/scenario.ts';

/** Of the clients that fell silent: those whose connection the server ended. */
export const deadPeersNoticed: Metric = {
  name: 'dead peers noticed',
  unit: 'share',
  measure(history) {
    const silent = visitsOf(history).filter((visit) => visit.silent !== undefined);
    return { hits: silent.filter(({ closed }) => closed?.by === 'other').length, of: silent.length };
  },
};

/** Of the clients that live, however quiet: those that stayed as long as they wanted to. */
export const livingPeersKept: Metric = {
  name: 'living peers kept',
  unit: 'share',
  measure(history) {
    const living = visitsOf(history).filter(
      ({ silent, welcome }) => silent === undefined && welcome !== undefined,
    );
    return { hits: living.filter(({ closed }) => closed?.by === 'user').length, of: living.length };
  },
};
